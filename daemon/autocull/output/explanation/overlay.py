"""Drawings over a photo: outlines of faces and subject, the focus map, occlusion maps."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from autocull.judge import EyeState, format_number
from autocull.measure import Face, Focus
from autocull.output.explanation.layout import (
    DARK_BACKGROUND,
    DOUBT,
    KEEP,
    REJECT,
    TEXT,
    draw_bar,
    load_font,
    stack_vertically,
)
from autocull.output.json_lines import eyes_open
from autocull.output.report import EYE_WORDS, SHARP, SOFT
from autocull.read import Box, Pixels

STATE_COLOURS: dict[EyeState, str] = {"open": KEEP, "closed": REJECT, "cannot_tell": DOUBT}

_FEW_FACES = 4  # with more of them, their captions would cover the picture
_COLD, _HOT = np.array([255.0, 225.0, 90.0]), np.array([235.0, 40.0, 30.0])
_MAX_OPACITY = 0.72  # the photo remains visible everywhere
_DIM_FACTOR = 0.7

Levels = NDArray[np.floating]


def resize_to_fit(pixels: Pixels, width: int, height: int) -> Image.Image:
    """Return the photo scaled to fit into `width` x `height`."""
    image = Image.fromarray(pixels)
    scale = min(width / image.width, height / image.height)
    size = max(1, round(image.width * scale)), max(1, round(image.height * scale))
    return image.resize(size, Image.Resampling.BICUBIC, reducing_gap=2.0)


def dim(image: Image.Image) -> Image.Image:
    """Return the photo in dark grey, as the background of a coloured map."""
    grey = np.asarray(image.convert("L"), np.float32) * _DIM_FACTOR
    return Image.fromarray(grey.astype(np.uint8)).convert("RGB")


def draw_outlines(
    image: Image.Image, faces: Sequence[Face], states: Sequence[EyeState], focus: Focus
) -> Image.Image:
    """Return the photo with outlines: faces in their state's colour with captions, the subject dashed."""
    result = image.copy()
    if focus.subject is not None:
        _draw_dashed_box(result, focus.subject, _sharpness_colour(focus.sharp))
        _draw_caption(
            result,
            focus.subject,
            f"subject sharp {format_number(focus.sharp)}",
            _sharpness_colour(focus.sharp),
            at_bottom=True,
        )
    for index, (face, state) in enumerate(zip(faces, states, strict=True)):
        colour = STATE_COLOURS[state]
        ImageDraw.Draw(result).rectangle(_to_pixels(face.box, result.size), outline=colour, width=3)
        _draw_caption(result, face.box, _format_face(index, face, state, len(faces)), colour)
    return result


def render_focus_map(image: Image.Image, focus: Focus) -> Image.Image:
    """Return the photo with P(sharp) of each tile as colour (blue sharp, orange soft) and number (percent).

    A tile that is too plain to be judged keeps the photo's grey, and its number is small.
    """
    sharp, texture = np.array(focus.tiles, float), np.array(focus.texture, float)
    base = dim(image)
    if sharp.ndim != 2 or not sharp.size:
        return base
    colours = np.stack([np.asarray(_mix(SOFT, SHARP, each)) for each in sharp.ravel()])
    opacity = 0.6 * np.minimum(1.0, texture * 2)
    layer = np.dstack([colours.reshape(*sharp.shape, 3), 255 * opacity]).round().astype(np.uint8)
    overlay = Image.fromarray(layer).resize(image.size, Image.Resampling.NEAREST)
    base.paste(overlay, (0, 0), overlay)
    _draw_percentages(base, sharp, texture)
    if focus.subject is not None:
        _draw_dashed_box(base, focus.subject, TEXT)
    return base


def render_occlusion_map(image: Image.Image, levels: Levels) -> Image.Image:
    """Return the photo under an occlusion map (0-1 per cell): transparent at 0, over yellow, to red at 1.

    The map is not normalised, so that two maps can be compared.
    """
    smooth = Image.fromarray(levels.astype(np.float32)).resize(image.size, Image.Resampling.BICUBIC)
    strength = np.asarray(smooth, np.float64).clip(0, 1)[..., None]
    opacity = _MAX_OPACITY * strength**0.8
    pixels = (1 - opacity) * np.asarray(dim(image), float) + opacity * (_COLD + strength * (_HOT - _COLD))
    return Image.fromarray(pixels.round().clip(0, 255).astype(np.uint8))


def render_occlusion_scale(width: int) -> Image.Image:
    """Return the scale of an occlusion map: its colours from 0 to 100 %, with numbers."""
    ramp = np.linspace(0, 1, width)[None].repeat(10, 0)
    colours = render_occlusion_map(Image.new("RGB", (width, 10), "#777777"), ramp)
    numbers = Image.new("RGB", (width, 18), "#171717")
    draw = ImageDraw.Draw(numbers)
    for percent, anchor in ((0, "la"), (50, "ma"), (100, "ra")):
        draw.text((round(percent / 100 * (width - 1)), 0), f"{percent} %", TEXT, load_font(13), anchor=anchor)
    return stack_vertically([colours, numbers], 2)


def draw_score_bar(value: float | None, reject: float | None, doubt: float | None, width: int) -> Image.Image:
    """Return the bar of a score with its limits: red rejects, yellow is doubt; empty without a value."""
    limits = [(limit, colour) for limit, colour in ((reject, REJECT), (doubt, DOUBT)) if limit is not None]
    return draw_bar(value or 0.0, limits, width)


def _format_face(index: int, face: Face, state: EyeState, count: int) -> str:
    chance = eyes_open(face)
    open_text = "" if chance is None else f" {format_number(chance)}"
    return (
        f"{index + 1}:{open_text}"
        if count > _FEW_FACES
        else f"Face {index + 1}: {EYE_WORDS[state]}{open_text}"
    )


def _mix(low: Levels, high: Levels, weight: float) -> Levels:
    result: Levels = low + min(max(weight, 0.0), 1.0) * (high - low)
    return result


def _sharpness_colour(sharp: float) -> str:
    """Return the colour of a subject's outline: blue from P(sharp) 0.5 on, else orange."""
    red, green, blue = (SHARP if sharp >= 0.5 else SOFT).astype(int).tolist()
    return f"#{red:02x}{green:02x}{blue:02x}"


def _to_pixels(box: Box, size: tuple[int, int]) -> tuple[float, float, float, float]:
    """Return the corners of a box in pixels within the picture."""
    width, height = size
    x0, y0 = min(box.x0 * width, width - 1), min(box.y0 * height, height - 1)
    return x0, y0, max(x0, min(box.x1 * width, width - 1)), max(y0, min(box.y1 * height, height - 1))


def _draw_dashed_box(image: Image.Image, box: Box, colour: str) -> None:
    draw = ImageDraw.Draw(image)
    x0, y0, x1, y1 = _to_pixels(box, image.size)
    for start, end in _split_dashes(x0, x1):
        draw.line((start, y0, end, y0), colour, 3)
        draw.line((start, y1, end, y1), colour, 3)
    for start, end in _split_dashes(y0, y1):
        draw.line((x0, start, x0, end), colour, 3)
        draw.line((x1, start, x1, end), colour, 3)


def _split_dashes(
    low: float, high: float, length: float = 10, gap: float = 8
) -> Iterator[tuple[float, float]]:
    while low < high:
        yield low, min(low + length, high)
        low += length + gap


def _draw_caption(image: Image.Image, box: Box, words: str, colour: str, *, at_bottom: bool = False) -> None:
    """Draw text on a dark background at the upper or lower edge of a box, within the picture."""
    draw = ImageDraw.Draw(image)
    x0, y0, _, y1 = _to_pixels(box, image.size)
    _, _, right, bottom = draw.textbbox((0, 0), words, load_font(16))
    width, height = right + 8, bottom + 6
    x = min(max(x0, 0), max(0, image.width - width))
    y = min(max(y1 - height if at_bottom else y0 - height, 0), max(0, image.height - height))
    draw.rectangle((x, y, x + width, y + height), DARK_BACKGROUND)
    draw.text((x + 4, y + 2), words, colour, load_font(16))


def _draw_percentages(image: Image.Image, sharp: Levels, texture: Levels) -> None:
    """Draw the percentage of each tile at its centre."""
    draw = ImageDraw.Draw(image)
    rows, columns = sharp.shape
    for row in range(rows):
        for column in range(columns):
            is_plain = texture[row, column] < 0.1
            centre = (column + 0.5) / columns * image.width, (row + 0.5) / rows * image.height
            words = f"{100 * sharp[row, column]:.0f}"
            draw.text(
                centre,
                words,
                TEXT,
                load_font(12 if is_plain else 19),
                anchor="mm",
                stroke_width=2,
                stroke_fill=DARK_BACKGROUND,
            )
