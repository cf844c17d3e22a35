"""Writes src/contact-sheet/caption-font.ts: the characters of captions as pixels, so that a contact sheet reads the same on
machines without fonts. Needs Pillow and Debian's fonts-dejavu-core (DejaVu Sans Mono, free to use, copy and embed).

    python3 scripts/caption-font.py
"""
import base64
import io
import pathlib

from PIL import Image, ImageDraw, ImageFont

CHARACTERS = "".join(map(chr, range(32, 127))) + "×·–…σ°≥"
WIDTH, HEIGHT, SIZE = 8, 16, 13

font = ImageFont.truetype("/usr/share/fonts/truetype/dejavu/DejaVuSansMono.ttf", SIZE)
atlas = Image.new("L", (WIDTH * len(CHARACTERS), HEIGHT))
for place, character in enumerate(CHARACTERS):
    glyph = Image.new("L", (WIDTH, HEIGHT))
    ImageDraw.Draw(glyph).text((0, 0), character, font=font, fill=255)
    atlas.paste(glyph, (WIDTH * place, 0))
png = io.BytesIO()
# Sixteen shades are enough for edges.
atlas.point(lambda value: round(value / 17) * 17).save(png, "PNG", optimize=True)
lines = [
    "// Written by scripts/caption-font.py: DejaVu Sans Mono at 13 pixels, https://dejavu-fonts.github.io/License.html",
    f"export const characters = {CHARACTERS!r};".replace("\\\\", "\\\\"),
    f"export const glyphWidth = {WIDTH};",
    f"export const glyphHeight = {HEIGHT};",
    "/** A PNG of the characters beside each other, white on black. */",
    f"export const atlas = '{base64.b64encode(png.getvalue()).decode()}';",
]
target = pathlib.Path(__file__).parents[1] / "src/contact-sheet/caption-font.ts"
target.write_text("\n".join(lines) + "\n", encoding="utf8")
