"""Shots: what grouping uses of a photo's evidence, and how missing and invalid facts are handled."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from autocull.measure.embedding import patches_of, vector_of
from autocull.measure.evidence import Embedding
from autocull.read.photo import Capture
from autocull.series.shot import clock_time, exposure_value, shot_of
from support.evidence_builders import evidence, focus, make_embedding

TAKEN = "2024-05-01T10:11:12.340+02:00"
WALL = 1_714_558_272.34


@pytest.mark.parametrize(
    ("taken", "source", "expected"),
    [
        (TAKEN, "exif", (WALL, True)),
        ("2024-05-01T10:11:12", "raw", (WALL - 0.34, False)),
        ("2024-05-01T10:11:12.000", "exif", (WALL - 0.34, False)),
        (TAKEN, "file", (None, False)),
        ("yesterday", "exif", (None, False)),
        ("2024-05-01T10:11", "exif", (None, False)),
        (None, None, (None, False)),
    ],
)
def test_clock_time_ignores_the_zone(
    taken: str | None, source: str | None, expected: tuple[float | None, bool]
) -> None:
    """The time is that of the camera's clock; times of the file system and invalid ones are None."""
    assert clock_time(Capture(taken=taken, taken_from=source)) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("aperture", "shutter", "iso", "expected"),
    [
        (1.0, 1.0, 100, (0.0, "camera")),
        (8.0, 1 / 125, 100, (12.97, "camera")),
        (8.0, 1 / 125, 400, (10.97, "camera")),
        (8.0, 1 / 125, None, (12.97, "camera")),
        (None, 1 / 125, 100, (6.97, "shutter")),
        (0.0, 1 / 125, 100, (6.97, "shutter")),
        (8.0, 0.0, 100, (None, "none")),
    ],
)
def test_exposure_value_of_aperture_shutter_and_iso(
    aperture: float | None, shutter: float | None, iso: int | None, expected: tuple[float | None, str]
) -> None:
    """One more is half the light; a missing aperture counts as 1, and the basis records it."""
    value, basis = exposure_value(Capture(aperture=aperture, shutter=shutter, iso=iso))
    assert (value, basis) == (
        None if expected[0] is None else pytest.approx(expected[0], abs=0.01),
        expected[1],
    )


def test_bias_is_the_exposure_where_the_shutter_time_is_missing() -> None:
    """Of what an editor left, the bias alone distinguishes the frames of a bracket: +3 EV is more light."""
    assert exposure_value(Capture(aperture=8.0, exposure_bias=3.0)) == (-3.0, "bias")


def test_shot_is_compact_evidence() -> None:
    """Hash, vector, patches and the focus map are kept, in about three kilobytes."""
    capture = Capture(taken=TAKEN, taken_from="exif", camera="Example One", serial="12", focal_length=35.0)
    tiles, texture = ((0.0, 1.0),), ((1.0, 0.5),)
    embedding = make_embedding(4)
    measured = evidence(capture=capture, focus=focus(tiles=tiles, texture=texture), likeness=embedding)
    shot = shot_of(Path("a.jpg"), measured)
    assert (shot.clock, shot.focal_length, shot.shape) == ("Example One 12", 35.0, (6000, 4000))
    assert shot.hash == int(embedding.hash, 16)
    assert np.abs(shot.vector / 127 - vector_of(embedding)).max() < 0.01
    positions, descriptors = patches_of(embedding)
    assert np.array_equal(shot.positions, positions)
    assert np.abs(shot.descriptors / 127 - descriptors).max() < 0.01
    assert (shot.sharp.tolist(), shot.texture.tolist()) == ([[0, 255]], [[255, 128]])
    assert sum(each.nbytes for each in (shot.vector, shot.descriptors, shot.sharp, shot.texture)) < 3000


def test_photo_without_embedding_has_no_shot() -> None:
    """An empty embedding raises an error; it is not grouped as an embedding of zeros."""
    with pytest.raises(ValueError, match="empty"):
        shot_of(Path("a.jpg"), evidence(likeness=Embedding("0" * 16, "", "")))
