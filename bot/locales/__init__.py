"""The languages that Milepost speaks beside English: what there is to translate, and the catalogues that do it.

English is the key and lives in the code. Each language is a folder here with one `milepost.po`: `python -m bot.locales`
brings it in step with the code, a translator fills in what is empty, and `python -m bot check` says what is left.
"""
