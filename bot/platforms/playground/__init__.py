"""The playground: a web page on loopback on which all of Milepost can be tried, with no account anywhere.

`world` is who and what there is, `journal` what was said, `render` draws it, `wire` is what page and server tell each
other, `door` lets the page in, `connect` is the platform.
"""
