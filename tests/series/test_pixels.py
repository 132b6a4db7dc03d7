"""Grouping of real pictures, taken again and looked at by the real network, without any time or exposure."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import numpy as np
from PIL import Image, ImageFilter
from skimage import data

from autocull.measure.embedding import EmbeddingDetector
from autocull.measure.models import models_root
from autocull.read.photo import Capture, Pixels
from autocull.series.grouping import group
from autocull.series.shot import Shot, shot_of
from support.evidence_builders import evidence, exposure, focus
from support.photos import photo_of
from support.simulated_shoots import SETTINGS

SCENES = ("astronaut", "chelsea", "coffee", "rocket", "retina", "immunohistochemistry")


@lru_cache
def member() -> EmbeddingDetector:
    """Load the network once."""
    return EmbeddingDetector(models_root())


def cut(picture: Pixels, left: float, wide: float = 0.8, top: float = 0.1) -> Pixels:
    """Cut a frame out of a larger picture: `wide` of its width, 0.8 of its height."""
    height, width = picture.shape[:2]
    rows = slice(int(top * height), int((top + 0.8) * height))
    return picture[rows, int(left * width) : int((left + wide) * width)]


def lit(picture: Pixels, stops: float) -> Pixels:
    """Expose a picture by so many stops more, in linear light, and clip it."""
    linear = (picture.astype(np.float64) / 255) ** 2.2 * 2**stops
    return np.asarray(np.rint(np.clip(linear, 0, 1) ** (1 / 2.2) * 255), np.uint8)


def soft(picture: Pixels) -> Pixels:
    """Put a picture out of focus."""
    return np.asarray(Image.fromarray(picture).filter(ImageFilter.GaussianBlur(4)))


def shot(name: str, picture: Pixels, **focused: tuple[tuple[float, ...], ...]) -> Shot:
    """Make the shot of a picture without time, camera and exposure."""
    photo = photo_of(picture)
    median = float(np.median(np.asarray(Image.fromarray(picture).convert("L"))) / 255)
    looks = member().measure(photo)
    seen = evidence(
        width=photo.width,
        height=photo.height,
        capture=Capture(),
        focus=focus(**focused),
        exposure=exposure(median=median),
        likeness=looks,
    )
    return shot_of(Path(name), seen)


def scenes() -> Iterator[tuple[str, Pixels]]:
    """Give scikit-image's coloured pictures."""
    for name in SCENES:
        yield name, np.ascontiguousarray(getattr(data, name)()[..., :3])


def sets_of(shots: list[Shot]) -> set[frozenset[str]]:
    """Group shots, and return which names were put together."""
    return {frozenset(path.name for path in series.paths) for series in group(shots, SETTINGS)}


def test_views_of_a_scene_come_together_and_scenes_do_not() -> None:
    """Moved a little, two stops apart, noisy: still one scene; and no scene is taken for another."""
    shots, truth = [], set()
    rng = np.random.default_rng(0)
    for name, picture in scenes():
        noisy = np.clip(cut(picture, 0.1) + rng.normal(0, 12, cut(picture, 0.1).shape), 0, 255)
        views = [cut(picture, 0.1), cut(picture, 0.13), lit(cut(picture, 0.1), -2), noisy.astype(np.uint8)]
        shots += [shot(f"{rng.integers(10**9)}-{name}", view) for view in views]
        truth.add(frozenset(each.path.name for each in shots[-4:]))
    assert sets_of(shots) == truth


def test_a_copy_is_a_duplicate_and_a_darker_frame_is_none() -> None:
    """Half the size is the same frame; a stop less is another."""
    picture = cut(data.astronaut(), 0.1)
    small = np.asarray(Image.fromarray(picture).resize((200, 200), Image.Resampling.LANCZOS))
    [series] = group([shot("a", picture), shot("b", small)], SETTINGS)
    assert series.kind == "duplicate"
    [series] = group([shot("a", picture), shot("c", lit(picture, -1.5))], SETTINGS)
    assert series.kind == "burst"


def test_the_sharp_region_that_moves_makes_a_focus_stack() -> None:
    """Left sharp, then right sharp."""
    picture = cut(data.coffee(), 0.1)
    half, blurred = picture.shape[1] // 2, soft(picture)
    left = np.concatenate([picture[:, :half], blurred[:, half:]], axis=1)
    right = np.concatenate([blurred[:, :half], picture[:, half:]], axis=1)
    texture = ((0.6,) * 4,)
    shots = [
        shot("a", left, tiles=((0.95, 0.9, 0.1, 0.05),), texture=texture),
        shot("b", right, tiles=((0.05, 0.1, 0.9, 0.95),), texture=texture),
    ]
    [series] = group(shots, SETTINGS)
    assert series.kind == "focus_stack"


def test_parts_of_a_wide_picture_make_a_panorama() -> None:
    """Frames half as wide as the picture, from left to right, in no order of names."""
    wide = np.ascontiguousarray(data.astronaut())
    shots = [shot(name, cut(wide, left, wide=0.5)) for name, left in (("c", 0.0), ("a", 0.16), ("b", 0.33))]
    [series] = group(shots, SETTINGS)
    assert series.kind == "panorama"
