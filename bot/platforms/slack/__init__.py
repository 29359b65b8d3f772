"""Slack: Bolt's connection, and our own router behind it; what we draw are pure functions to plain data.

`connect` is the platform, `bolt` its connection, `http` its door in HTTP mode, `client` the Web API. `read` reads what
is delivered, `answer` answers it, `posting` carries posts; `people` knows profiles and `home` publishes App Home.
`render` draws messages, posts and views, `form` draws forms, both in `text` and within `limits`.
"""
