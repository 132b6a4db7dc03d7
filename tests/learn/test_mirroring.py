"""Mirror images of selects: embeddings of mirrored thumbnails."""

from __future__ import annotations

import numpy as np
import pytest
from skimage import data

from autocull.learn.mirroring import decode_thumbnail, make_mirror
from autocull.measure.embedding import vector_of
from autocull.measure.models import models_root
from autocull.pipeline.thumbnail import make_thumbnail

PICTURE = np.ascontiguousarray(data.astronaut())


def test_mirroring_twice_restores_the_embedding() -> None:
    """Mirroring the mirrored picture gives the original's embedding; mirroring once gives another."""
    mirror = make_mirror(models_root())
    once = vector_of(mirror(make_thumbnail(np.ascontiguousarray(PICTURE[:, ::-1]))))
    twice = vector_of(mirror(make_thumbnail(PICTURE)))
    assert once @ once == pytest.approx(1, abs=0.01)
    assert once @ twice < 0.999
    again = vector_of(
        mirror(make_thumbnail(np.ascontiguousarray(decode_thumbnail(make_thumbnail(PICTURE))[:, ::-1])))
    )
    assert again @ once > 0.98


def test_thumbnails_are_decoded() -> None:
    """A JPEG of at most 256 pixels is decoded to RGB."""
    assert decode_thumbnail(make_thumbnail(PICTURE)).shape == (256, 256, 3)
