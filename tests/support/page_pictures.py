"""Pictures of pages and screens, made by drawing: pages of text, photos of them, screenshots."""

from __future__ import annotations

from io import BytesIO

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from autocull.read.photo import Pixels

_WORDS = [
    "the",
    "of",
    "and",
    "to",
    "in",
    "a",
    "is",
    "that",
    "for",
    "it",
    "as",
    "was",
    "with",
    "be",
    "by",
    "on",
    "not",
    "he",
    "his",
    "but",
    "at",
    "are",
    "this",
    "have",
    "from",
    "or",
    "had",
    "an",
    "they",
    "which",
    "one",
    "you",
    "were",
    "all",
    "there",
    "would",
    "their",
    "we",
    "him",
    "been",
    "has",
    "when",
    "who",
    "will",
    "more",
    "no",
    "if",
    "out",
    "so",
    "said",
    "what",
]


def draw_page(seed: int, *, size: int = 18, columns: int = 1, picture: Pixels | None = None) -> Pixels:
    """Draw a page `(1270, 900, 3)` with lines of words of `size` px, and perhaps a picture in it."""
    rng = np.random.default_rng(seed)
    page = Image.new("RGB", (900, 1270), (252, 250, 244))
    draw, font = ImageDraw.Draw(page), ImageFont.load_default(size=size)
    width = (740 - 30 * (columns - 1)) // columns
    for column in range(columns):
        for top in range(90, 1180, round(1.5 * size)):
            line = " ".join(str(word) for word in rng.choice(_WORDS, 3 * width // size))
            while draw.textlength(line, font=font) > width:
                line = line.rpartition(" ")[0]
            draw.text((80 + column * (width + 30), top), line, font=font, fill=(25, 25, 30))
    if picture is not None:
        page.paste(Image.fromarray(picture).resize((400, 300)), (240, 500))
    return np.asarray(page)


def photograph(page: Pixels, seed: int) -> Pixels:
    """Take a photo of a page on a table: crooked, unevenly and warmly lit, a little soft, with noise."""
    rng = np.random.default_rng(seed)
    height, width = page.shape[:2]
    table = Image.new(
        "RGB", (width + 120, height + 120), tuple(int(level) for level in rng.integers(40, 120, 3))
    )
    table.paste(Image.fromarray(page), (60, 60))
    corners = [(0, 0), (0, height + 120), (width + 120, height + 120), (width + 120, 0)]
    moved = [float(side + rng.uniform(-40, 40)) for corner in corners for side in corner]
    tilted = table.transform(table.size, Image.Transform.QUAD, moved, Image.Resampling.BICUBIC)
    light = np.asarray(tilted.filter(ImageFilter.GaussianBlur(0.8)), np.float32)
    falloff = np.linspace(1, rng.uniform(0.5, 0.8), light.shape[1])[None, :, None]
    lit = light * falloff * (1, 0.93, 0.8) + rng.normal(0, 4, light.shape)
    return save_as_jpeg(lit.clip(0, 255).astype(np.uint8), 82)


def draw_screenshot(seed: int, *, dark: bool = False, picture: Pixels | None = None) -> Pixels:
    """Draw a screenshot `(800, 1280, 3)`: bars, a list, lines of text, and perhaps a picture."""
    rng = np.random.default_rng(seed)
    ground, ink = ((30, 30, 34), (220, 220, 220)) if dark else ((238, 240, 243), (40, 40, 40))
    screen = Image.new("RGB", (1280, 800), ground)
    draw, font = ImageDraw.Draw(screen), ImageFont.load_default(size=15)
    draw.rectangle((0, 0, 1280, 40), fill=tuple(int(level) for level in rng.integers(40, 220, 3)))
    for row in range(14):
        draw.text((20, 60 + row * 32), str(rng.choice(_WORDS)), font=font, fill=ink)
        draw.text((250, 70 + row * 28), " ".join(rng.choice(_WORDS, 8)), font=font, fill=ink)
    if picture is not None:
        screen.paste(Image.fromarray(picture).resize((400, 300)), (800, 420))
    return np.asarray(screen)


def save_as_jpeg(pixels: Pixels, quality: int) -> Pixels:
    """Return the picture as a JPEG file of this quality shows it."""
    file = BytesIO()
    Image.fromarray(pixels).save(file, "JPEG", quality=quality)
    return np.asarray(Image.open(file))


def reduce_picture(pixels: Pixels, side: int = 1024) -> Pixels:
    """Return the picture with a long side of at most `side` px."""
    image = Image.fromarray(pixels)
    image.thumbnail((side, side), Image.Resampling.BOX)
    return np.asarray(image)
