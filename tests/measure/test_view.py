"""The view: tones, detail and tints as they are stored, and what changes each of them."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageFilter
from skimage import data

from autocull.measure.embedding import squeeze
from autocull.measure.evidence import Embedding
from autocull.measure.view import Bytes, detail_of, measure_view, pack_bytes, tints_of, tones_of
from autocull.read.photo import Pixels


def view_of(picture: Pixels) -> tuple[Bytes, Bytes, Bytes]:
    """Measure tones, detail and tints of a picture, and decode them."""
    tones, detail, tints = measure_view(picture, squeeze(picture, 96))
    embedding = Embedding(tones=tones, detail=detail, tints=tints)
    return tones_of(embedding), detail_of(embedding), tints_of(embedding)


def test_tones_are_roots_of_the_mean_luma() -> None:
    """A quarter of the light in luma is half the tone; the whole picture is covered."""
    picture = np.zeros((96, 96, 3), np.uint8)
    picture[:48], picture[48:] = 255, 64
    tones, _, tints = view_of(picture)
    assert tones.shape == (48, 48)
    assert (tones[:23] == 255).all()
    assert np.abs(tones[25:].astype(int) - 255 * np.sqrt(64 / 255)).max() <= 1
    assert (tints == 128).all()


def test_detail_is_lost_where_the_picture_is_out_of_focus() -> None:
    """The blurred half loses more than a doubling, the other half nothing."""
    sharp = Image.fromarray(data.astronaut())
    soft = np.asarray(sharp.filter(ImageFilter.GaussianBlur(4)))
    mixed = np.concatenate([np.asarray(sharp)[:, :256], soft[:, 256:]], axis=1)
    before, after = (
        view_of(np.ascontiguousarray(each))[1].astype(int) for each in (np.asarray(sharp), mixed)
    )
    assert np.abs(before - after)[:, :7].max() <= 1
    assert np.median((before - after)[:, 9:]) > 25


@pytest.mark.parametrize("side", [200, 800])
def test_detail_is_measured_at_one_scale(side: int) -> None:
    """A smaller photo has no more detail, and a larger one as much as the original."""
    picture = Image.fromarray(data.astronaut())
    resized = np.asarray(picture.resize((side, side), Image.Resampling.LANCZOS))
    difference = view_of(resized)[1].astype(int) - view_of(np.asarray(picture))[1]
    assert np.median(difference) < (8 if side > 512 else -8)
    assert np.median(difference) > (-8 if side > 512 else -60)


def test_tints_are_blue_and_red_differences() -> None:
    """A blue picture is above 128 in the first, a red one in the second."""
    blue, red = (np.zeros((60, 60, 3), np.uint8) for _ in range(2))
    blue[..., 2] = red[..., 0] = 200
    assert view_of(blue)[2][..., 0].min() > 200 > 128 > view_of(blue)[2][..., 1].max()
    assert view_of(red)[2][..., 1].min() > 200


def test_numbers_are_clipped_to_bytes() -> None:
    """Beyond 0 to 255 nothing wraps around."""
    embedding = Embedding(tones=pack_bytes(np.tile([-5.0, 300.0], 48 * 24)))
    assert set(tones_of(embedding).ravel().tolist()) == {0, 255}


@pytest.mark.parametrize("read", [tones_of, detail_of, tints_of])
def test_empty_embedding_has_no_view(read: object) -> None:
    """Photos of a fixture cannot be compared."""
    with pytest.raises(ValueError, match="fixture"):
        read(Embedding())  # type: ignore[operator]
