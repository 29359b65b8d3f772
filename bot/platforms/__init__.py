"""The platforms, each in its own folder: connect (reads), render (pure)."""
