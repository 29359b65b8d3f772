"""Makes SVGs PNGs, one after another, in twice as many pixels as each says, until nobody asks any more.

Run as a program, by its path: it knows nothing of Milepost, so that it starts in a moment. On standard input comes a
length in four bytes, then an SVG; on standard output goes a length, then a PNG, or in words why there is none. Fonts
come from packages and never from the system, so a machine without any draws the same.
"""

import os
import signal
import sys

import cvttf_NotoSansCJK_Regular as hangul
import fontpkg_noto_sans as latin
import resvg_py

FONTS = [str(latin.ROOT / "files" / "NotoSans[wdth,wght].ttf"), hangul.get_TTF_path()]
NICENESS = 5  # so that who is waiting for a word goes before who is waiting for a picture


def drawn(svg: str) -> bytes:
    """The SVG as PNG, or what is wrong with it."""
    try:
        return resvg_py.svg_to_bytes(svg, skip_system_fonts=True, font_files=FONTS, zoom=2)
    except ValueError as error:
        return str(error).encode()


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal sends it to us as well; who started us says when to end
    os.nice(NICENESS)
    while size := sys.stdin.buffer.read(4):
        png = drawn(sys.stdin.buffer.read(int.from_bytes(size)).decode())
        sys.stdout.buffer.write(len(png).to_bytes(4) + png)
        sys.stdout.buffer.flush()
