"""Brings every catalogue in step with the code, and says how much is left to translate."""

import sys

from babel.messages.pofile import PoFileError

from bot.locales.catalogue import check, files, update
from bot.locales.phrases import collect

said = collect()
for file in files():
    try:
        text = update(file, said)
    except (PoFileError, UnicodeDecodeError) as error:
        sys.exit(f"{file}: cannot be read as gettext's .po ({error}). It was not changed.")
    file.write_text(text, encoding="utf-8")
    sys.stdout.write(f"{file}: {len(said)} phrases, {len(check(file, said))} to mend (`make check` lists them)\n")
