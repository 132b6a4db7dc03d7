"""Layout of a drawn page: blocks are pictures that are stacked horizontally and vertically."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from PIL import Image, ImageDraw, ImageFont

BACKGROUND, DARK_BACKGROUND, BAR_TRACK = "#171717", "#0f0f0f", "#3a3a3a"
TEXT, MUTED_TEXT = "#ececec", "#a6a6a6"
KEEP, REJECT, DOUBT = "#8cc48a", "#f0776c", "#e6bb52"
"""The report's colours."""

_LINE_HEIGHT = 1.4  # the height of a line of text over the size of its letters


@lru_cache(maxsize=16)
def load_font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """Return Pillow's own font in a size (pixels), the same on every system."""
    return ImageFont.load_default(size)


def create_blank(width: int, height: int) -> Image.Image:
    """Return an empty block."""
    return Image.new("RGB", (max(1, width), max(1, height)), BACKGROUND)


def render_text(text: str, width: int, size: int = 16, colour: str = TEXT) -> Image.Image:
    """Return a block of text, wrapped to `width`."""
    lines = wrap_text(text, width, size)
    height = round(size * _LINE_HEIGHT)
    block = create_blank(width, height * len(lines))
    draw = ImageDraw.Draw(block)
    for number, line in enumerate(lines):
        draw.text((0, number * height), line, colour, load_font(size))
    return block


def wrap_text(text: str, width: int, size: int) -> list[str]:
    """Return the lines (at least one) of a text that is wrapped to `width`; a long word is shortened."""
    lines = [""]
    for word in text.split():
        candidate = f"{lines[-1]} {word}".strip()
        if load_font(size).getlength(candidate) <= width:
            lines[-1] = candidate
            continue
        if lines[-1]:
            lines.append("")
        lines[-1] = shorten(word, width, size)
    return lines


def shorten(text: str, width: int, size: int) -> str:
    """Return a text that fits `width`, with dots in place of its middle where it is longer."""
    if load_font(size).getlength(text) <= width:
        return text
    for length in range(len(text) // 2, 0, -1):
        shorter = f"{text[:length]}...{text[-length:]}"
        if load_font(size).getlength(shorter) <= width:
            return shorter
    return "..."


def stack_vertically(blocks: Sequence[Image.Image], gap: int = 8) -> Image.Image:
    """Return the blocks in one column, as wide as the widest."""
    height = sum(block.height for block in blocks) + gap * (len(blocks) - 1)
    page, y = create_blank(max((block.width for block in blocks), default=1), height), 0
    for block in blocks:
        page.paste(block, (0, y))
        y += block.height + gap
    return page


def stack_horizontally(blocks: Sequence[Image.Image], gap: int = 24) -> Image.Image:
    """Return the blocks in one row, aligned at their top."""
    width = sum(block.width for block in blocks) + gap * (len(blocks) - 1)
    page, x = create_blank(width, max((block.height for block in blocks), default=1)), 0
    for block in blocks:
        page.paste(block, (x, 0))
        x += block.width + gap
    return page


def add_margin(block: Image.Image, margin: int) -> Image.Image:
    """Return the block with an empty margin around it."""
    page = create_blank(block.width + 2 * margin, block.height + 2 * margin)
    page.paste(block, (margin, margin))
    return page


def add_title(block: Image.Image, title: str, subtitle: str, colour: str = TEXT) -> Image.Image:
    """Return the block under a title and a small subtitle."""
    header = render_text(title, block.width, 18, colour)
    return stack_vertically([header, render_text(subtitle, block.width, 14, MUTED_TEXT), block], 4)


def draw_bar(
    value: float, limits: Sequence[tuple[float, str]], width: int, colour: str = TEXT
) -> Image.Image:
    """Return a bar that shows a number (0-1), with a mark in its colour at each limit."""
    block = create_blank(width, 14)
    draw = ImageDraw.Draw(block)
    draw.rectangle((0, 4, width - 1, 9), BAR_TRACK)
    fill_width = round(min(max(value, 0.0), 1.0) * (width - 1))
    if fill_width:
        draw.rectangle((0, 4, fill_width, 9), colour)
    for limit, shade in limits:
        x = round(min(max(limit, 0.0), 1.0) * (width - 2))
        draw.rectangle((x, 0, x + 1, 13), shade)
    return block
