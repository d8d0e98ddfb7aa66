"""Photos for the demo, drawn by hand: a thing on a table, and what is wrong with it."""

from __future__ import annotations

import io
from random import Random

from PIL import Image, ImageDraw, ImageFilter

from tickets.files import Checked, check

SIZE = (1200, 900)


def photo(random: Random) -> Checked:
    """A picture like one that a phone takes, checked as every file is."""
    wall, table = random.choice([("#e9e1d4", "#c9a27a"), ("#dfe5e6", "#8f7a66"), ("#f0ebe3", "#a5b0a8")])
    image = Image.new("RGB", SIZE, wall)
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 560, *SIZE), fill=table)
    left = random.randrange(360, 480)
    body = random.choice(["#d8dcdd", "#2f3a3c", "#f4f2ee", "#b8443a"])
    draw.ellipse((left - 60, 640, left + 420, 760), fill=_darker(table))
    draw.rounded_rectangle((left, 240, left + 360, 700), radius=70, fill=body)
    draw.rounded_rectangle((left + 20, 180, left + 340, 260), radius=30, fill=_darker(body))
    draw.arc((left + 300, 300, left + 480, 600), 270, 90, fill=_darker(body), width=34)
    if random.random() < 0.6:
        draw.ellipse((left - 110, 690, left + 200, 770), fill="#9fc6d8")
        draw.ellipse((left - 60, 705, left + 60, 740), fill="#c7e1ec")
    else:
        x, y = left + random.randrange(60, 240), 330
        for _step in range(6):
            step = (x + random.randrange(-30, 46), y + 44)
            draw.line((x, y, *step), fill="#3a2f2a", width=5)
            x, y = step
    image = image.filter(ImageFilter.GaussianBlur(1.4))
    out = io.BytesIO()
    image.save(out, "JPEG", quality=82)
    return check(f"IMG_{random.randrange(1000, 9999)}.jpg", out.getvalue())


def _darker(colour: str) -> str:
    parts = [int(colour[i : i + 2], 16) * 8 // 10 for i in (1, 3, 5)]
    return "#" + "".join(f"{part:02x}" for part in parts)
