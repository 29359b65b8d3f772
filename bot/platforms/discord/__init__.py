"""Discord: raw JSON through discord.py's connection; what we draw and declare are pure functions to plain data.

`connect` is the platform, `read` reads interactions, `answer` answers them, `declare` and `permissions` say what
Discord is told and asked for. `render` draws messages and posts, `form` draws forms, both in `markdown` and within
`limits`, with `ids` that hold all that a press needs.
"""
