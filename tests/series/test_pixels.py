"""Grouping of real pictures, taken again and measured by the real network, without any time or exposure."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import numpy as np
from PIL import Image, ImageFilter
from skimage import data

from autocull.measure.embedding import EmbeddingDetector
from autocull.measure.models import models_root
from autocull.read.photo import Capture, Photo, Pixels
from autocull.series.grouping import group
from autocull.series.shot import Shot, shot_of
from support.evidence_builders import evidence, exposure, focus
from support.simulated_shoots import SETTINGS

SCENES = ("astronaut", "chelsea", "coffee", "rocket", "retina", "immunohistochemistry")


@lru_cache
def detector() -> EmbeddingDetector:
    """Load the network once."""
    return EmbeddingDetector(models_root())


def crop(picture: Pixels, left: float, share: float = 0.8, top: float = 0.1) -> Pixels:
    """Crop a frame from a larger picture: `share` of its width, 0.8 of its height."""
    height, width = picture.shape[:2]
    rows = slice(int(top * height), int((top + 0.8) * height))
    return picture[rows, int(left * width) : int((left + share) * width)]


def exposed(picture: Pixels, stops: float) -> Pixels:
    """Return a picture with so many stops more exposure, in linear light, clipped."""
    linear = (picture.astype(np.float64) / 255) ** 2.2 * 2**stops
    return np.asarray(np.rint(np.clip(linear, 0, 1) ** (1 / 2.2) * 255), np.uint8)


def blurred(picture: Pixels) -> Pixels:
    """Return a picture out of focus."""
    return np.asarray(Image.fromarray(picture).filter(ImageFilter.GaussianBlur(4)))


def shot(name: str, picture: Pixels, **focused: tuple[tuple[float, ...], ...]) -> Shot:
    """Make the shot of a picture without time, camera and exposure."""
    photo = Photo.from_pixels(picture)
    median = float(np.median(np.asarray(Image.fromarray(picture).convert("L"))) / 255)
    measured = evidence(
        width=photo.width,
        height=photo.height,
        capture=Capture(),
        focus=focus(**focused),
        exposure=exposure(median=median),
        likeness=detector().measure(photo),
    )
    return shot_of(Path(name), measured)


def scenes() -> Iterator[tuple[str, Pixels]]:
    """Yield scikit-image's coloured pictures by name."""
    for name in SCENES:
        yield name, np.ascontiguousarray(getattr(data, name)()[..., :3])


def grouped(shots: list[Shot]) -> set[frozenset[str]]:
    """Group shots; returns the names of each series as a set."""
    return {frozenset(path.name for path in series.paths) for series in group(shots, SETTINGS)}


def test_views_of_a_scene_are_one_series_and_scenes_are_not() -> None:
    """A view moved a little, two stops darker or noisy is of its scene; no two scenes are confused."""
    shots, truth = [], set()
    rng = np.random.default_rng(0)
    for name, picture in scenes():
        frame = crop(picture, 0.1)
        noisy = np.clip(frame + rng.normal(0, 12, frame.shape), 0, 255).astype(np.uint8)
        views = [frame, crop(picture, 0.13), exposed(frame, -2), noisy]
        shots += [shot(f"{rng.integers(10**9)}-{name}", view) for view in views]
        truth.add(frozenset(each.path.name for each in shots[-4:]))
    assert grouped(shots) == truth


def test_smaller_copy_is_a_duplicate_and_darker_frame_is_not() -> None:
    """Half the size is the same frame; a stop and a half less is another one."""
    picture = crop(data.astronaut(), 0.1)
    small = np.asarray(Image.fromarray(picture).resize((200, 200), Image.Resampling.LANCZOS))
    [series] = group([shot("a", picture), shot("b", small)], SETTINGS)
    assert series.kind == "duplicate"
    [series] = group([shot("a", picture), shot("c", exposed(picture, -1.5))], SETTINGS)
    assert series.kind == "bracket"


def test_moving_sharp_region_makes_a_focus_stack() -> None:
    """The left half is sharp in one frame, the right half in the other."""
    picture = crop(data.coffee(), 0.1)
    half, soft = picture.shape[1] // 2, blurred(picture)
    left = np.concatenate([picture[:, :half], soft[:, half:]], axis=1)
    right = np.concatenate([soft[:, :half], picture[:, half:]], axis=1)
    texture = ((0.6,) * 4,)
    shots = [
        shot("a", left, tiles=((0.95, 0.9, 0.1, 0.05),), texture=texture),
        shot("b", right, tiles=((0.05, 0.1, 0.9, 0.95),), texture=texture),
    ]
    [series] = group(shots, SETTINGS)
    assert series.kind == "focus_stack"


def test_parts_of_a_wide_picture_make_a_panorama() -> None:
    """Frames half as wide as the picture, from left to right; their names are in another order."""
    wide = np.ascontiguousarray(data.astronaut())
    shots = [shot(name, crop(wide, left, share=0.5)) for name, left in (("c", 0.0), ("a", 0.16), ("b", 0.33))]
    [series] = group(shots, SETTINGS)
    assert series.kind == "panorama"
