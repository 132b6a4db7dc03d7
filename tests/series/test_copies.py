"""Copies: what proves that two files are one frame, and what speaks against it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageFilter
from skimage import data

from autocull.measure.embedding import EmbeddingDetector
from autocull.measure.models import models_root
from autocull.read.photo import Capture, Photo, Pixels
from autocull.series.copies import have_equal_pixels, link_copies
from autocull.series.shot import Shot, shot_of
from autocull.series.timeline import ShotTable
from support.evidence_builders import evidence
from support.simulated_shoots import SETTINGS, Camera, copy_of, take_burst, take_single


def make_burst(frames: int = 3, seed: int = 0) -> list[Shot]:
    """Take a burst and a single photo after it."""
    camera = Camera(np.random.default_rng(seed))
    return [each.shot for each in (*take_burst(camera, "a", frames), *take_single(camera))]


def are_linked(*shots: Shot) -> bool:
    """Return whether two shots are linked as copies."""
    return len(link_copies(ShotTable.from_shots(shots), SETTINGS)[0]) == 1


def recompressed(shot: Shot, name: str) -> Shot:
    """Return the shot of a strongly compressed copy: its tones differ a little."""
    noise = np.random.default_rng(3).integers(-1, 2, shot.tones.shape)
    tones = np.clip(shot.tones.astype(int) + noise, 0, 255).astype(np.uint8)
    return copy_of(shot, name, tones=tones)


@pytest.mark.parametrize(
    ("first", "second", "are_copies"),
    [
        ("IMG_0001.JPG", "IMG_0002.JPG", False),
        ("IMG_0001.JPG", "_MG_0002.CR3", False),
        ("WB1.JPG", "WB2.JPG", False),
        ("20240501_101112.jpg", "20240501_101113.jpg", False),
        ("IMG_0001.JPG", "IMG_0001 (2).JPG", True),
        ("IMG_0001 (1).JPG", "IMG_0001 (2).JPG", True),
        ("IMG_0001-2.jpg", "IMG_0001-3.jpg", True),
        ("IMG_0001.JPG", "IMG_0001 - Copy.JPG", True),
        ("IMG_0001.JPG", "IMG_0001.CR3", True),
        ("IMG_0001.JPG", "web_7.jpg", True),
        ("PXL_20240501_101112123.RAW-01.COVER.jpg", "PXL_20240501_101112123.RAW-02.ORIGINAL.dng", True),
    ],
)
def test_frames_of_one_second_with_numbers_of_their_own_are_no_copies(
    first: str, second: str, are_copies: bool
) -> None:
    """A camera without sub-seconds gives a burst one time; its file numbers distinguish the frames."""
    shot = replace(make_burst(1)[0], exact=False)
    assert are_linked(copy_of(shot, first), recompressed(shot, second)) is are_copies


def test_exposures_of_another_basis_are_not_compared() -> None:
    """An export that lost its aperture is still a copy."""
    shot = make_burst(1)[0]
    export = copy_of(shot, "export.jpg", exposure=4.0, exposure_basis="shutter")
    assert are_linked(shot, export)
    assert not are_linked(shot, copy_of(shot, "darker.jpg", exposure=4.0))


def test_copies_are_linked_and_frames_of_a_burst_are_not() -> None:
    """A copy has the same hash, embedding and light; the frames of a burst differ in time."""
    shots = make_burst()
    table = ShotTable.from_shots([*shots, copy_of(shots[0], "copy.jpg")])
    pairs, strength = link_copies(table, SETTINGS)
    assert [{table.shots[number].path.name for number in pair} for pair in pairs] == [
        {shots[0].path.name, "copy.jpg"}
    ]
    assert strength.shape == (1,)


def test_equal_pixels_prove_a_copy_whatever_its_name() -> None:
    """A byte-equal copy with a file number of its own is a copy, not a rival; black frames prove nothing."""
    shot = replace(make_burst(1)[0], path=Path("IMG_0001.JPG"), taken=None)
    assert are_linked(shot, copy_of(shot, "IMG_0007.JPG"))
    black = replace(shot, tones=np.zeros_like(shot.tones))
    assert not have_equal_pixels(black, black)
    assert not are_linked(black, copy_of(black, "IMG_0007.JPG"))


@pytest.mark.parametrize("column", ["tones", "detail", "tints"])
def test_frames_that_differ_in_their_pixels_are_no_copies(column: str) -> None:
    """Another colour is another rendering, and other detail another focus or noise; both are no copies."""
    shot = replace(make_burst(1)[0], taken=None)
    other = np.clip(getattr(shot, column).astype(int) + 40, 0, 255).astype(np.uint8)
    assert not are_linked(shot, copy_of(shot, "export.jpg", **{column: other}))


def test_frame_of_a_burst_without_time_is_no_copy() -> None:
    """The hand moves the picture by a quarter of a cell: enough to distinguish two frames."""
    first, second, _ = (replace(shot, taken=None) for shot in make_burst(2))
    named = copy_of(second, "export.jpg", hash=first.hash, vector=first.vector)
    assert not are_linked(first, named)


def shot_of_pixels(name: str, pixels: Pixels) -> Shot:
    """Make the shot of a picture without any facts, measured by the network."""
    photo = Photo.from_pixels(pixels)
    measured = evidence(
        width=photo.width,
        height=photo.height,
        capture=Capture(),
        likeness=EmbeddingDetector(models_root()).measure(photo),
    )
    return shot_of(Path(name), measured)


def saved(image: Image.Image, quality: int) -> Pixels:
    """Return a picture as JPEG leaves it."""
    file = BytesIO()
    image.save(file, "JPEG", quality=quality)
    return np.asarray(Image.open(file).convert("RGB"))


def frame_at(left: int, noise: int) -> Image.Image:
    """Return a frame of a larger picture, `left` px from its border, with a sensor's noise."""
    picture = Image.fromarray(data.astronaut()).resize((1060, 1060), Image.Resampling.BICUBIC)
    pixels = np.asarray(picture.crop((left, 20, left + 1000, 1020)), np.float64)
    noisy = pixels + np.random.default_rng(noise).normal(0, 3, pixels.shape)
    return Image.fromarray(noisy.clip(0, 255).astype(np.uint8))


@pytest.mark.parametrize(
    ("change", "is_copy"),
    [
        (lambda: saved(frame_at(20, 1), 40), True),
        (lambda: saved(frame_at(20, 1).resize((500, 500), Image.Resampling.LANCZOS), 80), True),
        (lambda: saved(frame_at(20, 1).resize((250, 250), Image.Resampling.LANCZOS), 70), True),
        (lambda: saved(frame_at(24, 2), 90), False),
        (lambda: saved(frame_at(20, 1).filter(ImageFilter.GaussianBlur(4)), 90), False),
        (lambda: saved(frame_at(20, 1), 90)[..., ::-1], False),
    ],
    ids=["compressed", "half as large", "a quarter as large", "moved", "out of focus", "other colours"],
)
def test_real_pixels_prove_copies_and_separate_frames(change: Callable[[], Pixels], is_copy: bool) -> None:
    """Scale and compression leave a copy; 4 px of movement, defocus or other colours do not."""
    original = shot_of_pixels("original.jpg", saved(frame_at(20, 1), 95))
    assert are_linked(original, shot_of_pixels("export.jpg", np.ascontiguousarray(change()))) is is_copy


@pytest.mark.parametrize(
    ("name", "box", "is_copy"),
    [
        ("IMG_0001-2.jpg", (100, 80, 900, 780), True),
        ("IMG_0001 (2).jpg", (300, 200, 900, 800), True),
        ("IMG_0001 edit.jpg", (0, 125, 1000, 875), True),
        ("IMG_0002.jpg", (100, 80, 900, 780), False),
        ("web.jpg", (100, 80, 900, 780), False),
    ],
)
def test_crop_of_one_origin_is_a_copy(name: str, box: tuple[int, int, int, int], is_copy: bool) -> None:
    """The name is that of the original, and the pixels are a part of it; resized as exports are."""
    frame = frame_at(20, 1)
    original = shot_of_pixels("IMG_0001.jpg", saved(frame, 95))
    part = frame.crop(box)
    export = part.resize((part.width * 3 // 4, part.height * 3 // 4), Image.Resampling.LANCZOS)
    assert are_linked(original, shot_of_pixels(name, saved(export, 85))) is is_copy


def test_other_picture_of_one_name_is_no_crop() -> None:
    """Another photo that counts as the same number, and the original of another time, are no copies."""
    original = shot_of_pixels("IMG_0001.jpg", saved(frame_at(20, 1), 95))
    other = Image.fromarray(data.coffee()).crop((50, 50, 500, 350))
    assert not are_linked(original, shot_of_pixels("IMG_0001-2.jpg", saved(other, 90)))
    timed = replace(original, clock="Example", taken=10.0)
    crop = shot_of_pixels("IMG_0001-2.jpg", saved(frame_at(20, 1).crop((100, 80, 900, 780)), 90))
    assert are_linked(timed, replace(crop, clock="Example", taken=10.0))
    assert not are_linked(timed, replace(crop, clock="Example", taken=11.0))
