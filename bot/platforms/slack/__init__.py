"""Slack: Bolt's connection, and our own router behind it; what we draw are pure functions to plain data.

`render` draws messages, posts and views, `form` draws forms, both in `text` and within `limits`.
"""
