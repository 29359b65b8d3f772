"""Pictures: `studio` fills an SVG template that lies here, `press` makes the PNG, in one
of the processes that `presses` keeps.

A template holds no words and no data: words come with a picture's values, in its reader's language, and are put in as
text. It paints an opaque ground, since nobody knows whether it is seen on a dark or a light one.
"""
