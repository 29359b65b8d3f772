"""Makes an SVG (standard input) a PNG (standard output), in twice as many pixels as it says.

Run as a program, by its path: it knows nothing of Milepost, so that it starts in a moment. Fonts come from packages and
never from the system, so a machine without any draws the same.
"""

import sys

import cvttf_NotoSansCJK_Regular as hangul
import fontpkg_noto_sans as latin
import resvg_py

FONTS = [str(latin.ROOT / "files" / "NotoSans[wdth,wght].ttf"), hangul.get_TTF_path()]

if __name__ == "__main__":
    svg = sys.stdin.buffer.read().decode()
    sys.stdout.buffer.write(resvg_py.svg_to_bytes(svg, skip_system_fonts=True, font_files=FONTS, zoom=2))
