"""The guard's picture set: scikit-image's pictures, good and corrupted, and drawn eyes; reproducible.

Neither the pictures nor the generators of faults were used to train the networks.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw, ImageFilter
from skimage import data

from autocull.cli.demo_shoot import add_noise, defocus, overexpose, shake, underexpose
from autocull.read.photo import Pixels

NAMES = (
    *("astronaut", "camera", "chelsea", "coffee", "rocket", "stereo_motorcycle", "grass", "gravel", "brick"),
    *("coins", "retina", "immunohistochemistry", "hubble_deep_field", "page", "text"),
)
"""Pictures of scikit-image's package that are sharp, well exposed and complete (its moon is a poor JPEG)."""

PEOPLE, ANIMALS = ("astronaut", "camera"), ("chelsea",)
"""The pictures of a sure category."""

_EYES = 40
_SKINS = ((236, 200, 176), (214, 170, 140), (176, 125, 92), (120, 80, 58), (82, 54, 40), (150, 150, 150))
_IRISES = ((90, 60, 35), (60, 95, 130), (70, 90, 60))

Colour = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class PictureSet:
    """The set: good pictures, corrupted ones by fault, portraits with closed eyes, eyes, and categories."""

    good: tuple[Pixels, ...]
    bad: Mapping[str, tuple[Pixels, ...]]
    blinks: tuple[Pixels, ...]
    open_eyes: tuple[Pixels, ...]
    closed_eyes: tuple[Pixels, ...]
    categories: tuple[tuple[str, Pixels], ...]


def make_picture_set() -> PictureSet:
    """Make the whole set; takes a few seconds."""
    pictures = {name: _picture(name) for name in NAMES}
    rng = np.random.default_rng(11)
    plain = tuple(np.asarray(picture) for picture in pictures.values())
    return PictureSet(
        good=(*plain, *(np.ascontiguousarray(pixels[:, ::-1]) for pixels in plain)),
        bad={
            name: tuple(np.asarray(fault(picture)) for picture in pictures.values())
            for name, fault in FAULTS.items()
        },
        blinks=tuple(_variants(_close_eyes(pictures["astronaut"]))),
        open_eyes=tuple(_eye(rng, closed=False) for _ in range(_EYES)),
        closed_eyes=tuple(_eye(rng, closed=True) for _ in range(_EYES)),
        categories=tuple(_list_categories(pictures)),
    )


def _picture(name: str) -> Image.Image:
    """Load one of scikit-image's own pictures, its long side at most 800 px."""
    pixels = getattr(data, name)()
    picture = Image.fromarray(pixels[0] if isinstance(pixels, tuple) else pixels).convert("RGB")
    picture.thumbnail((800, 800), Image.Resampling.LANCZOS)
    return picture


def crush(picture: Image.Image) -> Image.Image:
    """Compress as a JPEG of very low quality."""
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=4)
    return Image.open(file).convert("RGB")


def add_flare(picture: Image.Image) -> Image.Image:
    """Add lens flare: a glow from a corner, a veil, and ghosts across the middle."""
    light = (np.asarray(picture, np.float32) / 255) ** 2.2
    height, width = light.shape[:2]
    y, x = np.mgrid[0:height, 0:width].astype(np.float32) / max(height, width)
    sun = np.hypot(x - 0.12, y - 0.08)
    added = 1.6 * np.exp(-((sun / 0.16) ** 2)) + 0.5 * np.exp(-sun / 0.35) + 0.08
    for along, radius in ((0.45, 0.05), (0.62, 0.035), (0.8, 0.07)):
        ghost = np.hypot(x - along, y - 0.08 - 0.7 * (along - 0.12)) < radius
        added = added + 0.25 * ghost
    tint = np.array([1.0, 0.92, 0.75], np.float32)
    rendered = np.clip(light + added[..., None] * tint, 0, 1) ** (1 / 2.2)
    return Image.fromarray(np.rint(255 * rendered).astype(np.uint8))


FAULTS: Mapping[str, Callable[[Image.Image], Image.Image]] = {
    "defocus": defocus,
    "motion_blur": shake,
    "too_dark": underexpose,
    "too_bright": overexpose,
    "noise": add_noise,
    "low_quality": crush,
    "lens_flare": add_flare,
}
"""The function that adds each defect to a good picture."""


def _list_categories(pictures: Mapping[str, Image.Image]) -> Iterator[tuple[str, Pixels]]:
    """Yield the pictures with a sure category, as they are, mirrored, cut and darker."""
    for names, category in ((PEOPLE, "people"), (ANIMALS, "animals")):
        for name in names:
            yield from ((category, pixels) for pixels in _variants(pictures[name]))


def _variants(picture: Image.Image) -> Iterator[Pixels]:
    """Yield a picture as it is, mirrored, cut and darker."""
    pixels = np.asarray(picture)
    margin = pixels.shape[0] // 12
    yield pixels
    yield np.ascontiguousarray(pixels[:, ::-1])
    yield np.ascontiguousarray(pixels[margin:, margin:-margin])
    yield (pixels * 0.8).astype(np.uint8)


def _close_eyes(portrait: Image.Image) -> Image.Image:
    """Close the astronaut's eyes: lids in the colour of the cheeks, lashes, a little softened."""
    closed, edge = portrait.copy(), Image.new("L", portrait.size)
    draw, soften = ImageDraw.Draw(closed), ImageDraw.Draw(edge)
    for x, y in ((203, 101), (247, 102)):
        cheek = portrait.getpixel((x, y + 12))
        assert isinstance(cheek, tuple)
        skin = (int(cheek[0]), int(cheek[1]), int(cheek[2]))
        draw.ellipse((x - 12, y - 6, x + 12, y + 7), fill=_shade(skin, 0.93))
        draw.arc((x - 12, y - 6, x + 12, y + 5), 20, 160, fill=_shade(skin, 0.35), width=2)
        soften.ellipse((x - 16, y - 12, x + 16, y + 12), fill=255)
    closed.paste(closed.filter(ImageFilter.GaussianBlur(0.8)), mask=edge)
    return closed


def _eye(rng: np.random.Generator, *, closed: bool) -> Pixels:
    """Draw an eye under its brow, with random skin, iris, light, size and noise."""
    skin = _SKINS[rng.integers(len(_SKINS))]
    picture = Image.new("RGB", (256, 256), skin)
    draw = ImageDraw.Draw(picture)
    x, y = (int(middle + rng.integers(-8, 9)) for middle in (128, 132))
    width, height = int(rng.integers(70, 90)), int(rng.integers(26, 38))
    draw.arc((x - 100, y - 110, x + 100, y + 20), 215, 325, fill=_shade(skin, 0.25), width=14)
    socket = (x - width - 12, y - height - 26, x + width + 12, y + height + 18)
    draw.ellipse(socket, fill=_shade(skin, 0.8))
    lids = (x - width, y - height, x + width, y + height)
    if closed:
        _close(draw, lids, skin)
    else:
        _open(picture, lids, skin, rng)
    return _photograph(picture, rng)


def _close(draw: ImageDraw.ImageDraw, lids: tuple[int, int, int, int], skin: Colour) -> None:
    """Draw the lid over the eye, and the lashes below it."""
    left, top, right, bottom = lids
    draw.ellipse((left, top - 10, right, bottom), fill=_shade(skin, 0.92))
    draw.arc(lids, 15, 165, fill=_shade(skin, 0.25), width=9)
    x, y, width, height = (left + right) / 2, (top + bottom) / 2, (right - left) / 2, (bottom - top) / 2
    for angle in np.radians(np.linspace(30, 150, 9)):
        start = (x + width * np.cos(angle), y + height * np.sin(angle))
        draw.line((*start, start[0] + 6 * np.cos(angle), start[1] + 14), fill=_shade(skin, 0.25), width=3)


def _open(
    picture: Image.Image, lids: tuple[int, int, int, int], skin: Colour, rng: np.random.Generator
) -> None:
    """Draw the eyeball between the lids: white, iris, pupil and a light in it; then the lashes."""
    left, top, right, bottom = lids
    mask = Image.new("L", picture.size)
    ImageDraw.Draw(mask).ellipse(lids, fill=255)
    ball = Image.new("RGB", picture.size, (225, 220, 215))
    x, y = (left + right) // 2 + int(rng.integers(-14, 15)), (top + bottom) // 2
    iris = int((bottom - top) / 2 * 1.05)
    draw = ImageDraw.Draw(ball)
    for radius, colour in ((iris, _IRISES[rng.integers(len(_IRISES))]), (iris // 2, (12, 10, 10))):
        draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=colour)
    glint = (x - iris // 4 - 8, y - iris // 4 - 8, x - iris // 4 + 2, y - iris // 4 + 2)
    draw.ellipse(glint, fill=(255, 255, 255))
    picture.paste(ball, mask=mask)
    draw = ImageDraw.Draw(picture)
    draw.arc(lids, 180, 360, fill=_shade(skin, 0.25), width=9)
    draw.arc((left - 4, top - 18, right + 4, bottom), 200, 340, fill=_shade(skin, 0.6), width=4)


def _photograph(picture: Image.Image, rng: np.random.Generator) -> Pixels:
    """Photograph a drawing: a little soft, 30 to 90 px, with random light, noise and mirroring."""
    small = picture.filter(ImageFilter.GaussianBlur(4)).resize((int(rng.integers(30, 90)),) * 2)
    light = np.asarray(small, np.float64) * rng.uniform(0.6, 1.15)
    pixels = np.clip(light + rng.normal(0, 4, light.shape), 0, 255).astype(np.uint8)
    return np.ascontiguousarray(pixels[:, ::-1]) if rng.random() < 0.5 else pixels


def _shade(colour: Colour, share: float) -> Colour:
    red, green, blue = (int(share * part) for part in colour)
    return red, green, blue
