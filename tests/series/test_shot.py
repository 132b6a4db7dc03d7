"""Shots: what grouping takes from a photo's evidence, and what it makes of facts that are missing or odd."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from autocull.measure.embedding import patches_of, vector_of
from autocull.measure.evidence import Embedding
from autocull.read.photo import Capture
from autocull.series.shot import clock_time, exposure_value, shot_of
from support.evidence_builders import evidence, focus, likeness

TAKEN = "2024-05-01T10:11:12.340+02:00"
WALL = 1_714_558_272.34


@pytest.mark.parametrize(
    ("taken", "source", "told"),
    [
        (TAKEN, "exif", (WALL, True, 7200.0)),
        ("2024-05-01T10:11:12", "raw", (WALL - 0.34, False, None)),
        ("2024-05-01T10:11:12.000", "exif", (WALL - 0.34, True, None)),
        (TAKEN, "file", (None, False, None)),
        ("yesterday", "exif", (None, False, None)),
        (None, None, (None, False, None)),
    ],
)
def test_the_clock_is_read_as_the_camera_showed_it(
    taken: str | None, source: str | None, told: tuple[float | None, bool, float | None]
) -> None:
    """The zone is no part of what the clock showed; the file's own time and what is no time are none."""
    assert clock_time(Capture(taken=taken, taken_from=source)) == pytest.approx(told)


@pytest.mark.parametrize(
    ("aperture", "shutter", "iso", "told"),
    [
        (1.0, 1.0, 100, 0.0),
        (8.0, 1 / 125, 100, 12.97),
        (8.0, 1 / 125, 400, 10.97),
        (8.0, 1 / 125, None, 12.97),
        (None, 1 / 125, 100, None),
        (8.0, 0.0, 100, None),
        (0.0, 1 / 125, 100, None),
    ],
)
def test_the_exposure_value(
    aperture: float | None, shutter: float | None, iso: int | None, told: float | None
) -> None:
    """One more is half the light; a lens that tells no aperture has no exposure value."""
    value = exposure_value(Capture(aperture=aperture, shutter=shutter, iso=iso))
    assert value == (None if told is None else pytest.approx(told, abs=0.01))


def test_a_shot_is_the_evidence_made_small() -> None:
    """Hash, vector, patches and the focus map come through, in about three kilobytes."""
    capture = Capture(taken=TAKEN, taken_from="exif", camera="Example One", serial="12", focal_length=35.0)
    tiles, texture = ((0.0, 1.0),), ((1.0, 0.5),)
    looks = likeness(4)
    shot = shot_of(
        Path("a.jpg"), evidence(capture=capture, focus=focus(tiles=tiles, texture=texture), likeness=looks)
    )
    assert (shot.clock, shot.focal_length, shot.shape) == ("Example One 12", 35.0, (6000, 4000))
    assert shot.hash == int(looks.hash, 16)
    assert np.abs(shot.vector / 127 - vector_of(looks)).max() < 0.01
    places, descriptors = patches_of(looks)
    assert np.array_equal(shot.positions, places)
    assert np.abs(shot.descriptors / 127 - descriptors).max() < 0.01
    assert (shot.sharp.tolist(), shot.texture.tolist()) == ([[0, 255]], [[255, 128]])
    assert sum(each.nbytes for each in (shot.vector, shot.descriptors, shot.sharp, shot.texture)) < 3000


def test_a_photo_that_was_not_compared_is_no_shot() -> None:
    """An empty likeness is told, not grouped as if it looked like nothing."""
    with pytest.raises(ValueError, match="empty"):
        shot_of(Path("a.jpg"), evidence(likeness=Embedding("0" * 16, "", "")))
