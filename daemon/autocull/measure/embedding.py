"""What a photo looks like, in few bytes: for finding copies, neighbours in a series, and where they differ.

Three answers, from coarse to fine. The difference hash (after Krawetz, "Kind of Like That", 2013) finds
copies. The vector, from a network that learned to know a photo again (Chen et al., "A Simple Framework for
Contrastive Learning of Visual Representations", ICML 2020), finds the same scene under another exposure,
cut, viewpoint, focus or noise. The patches, one descriptor per cell of a grid (learned from where things
moved: Choy et al., "Universal Correspondence Network", NIPS 2016), say what is where in two photos.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Mapping
from functools import lru_cache
from math import isqrt
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from autocull.arrays import Floats
from autocull.measure.evidence import Embedding
from autocull.measure.member import ModelBacked
from autocull.read.photo import Photo, Pixels

VECTOR_SIZE = 64
"""Numbers in a photo's vector."""

DESCRIPTOR_SIZE = 16
"""Numbers in a patch's descriptor."""

PREPROCESSING: dict[str, Any] = {"size": 96, "colour": "rgb", "steepest": 8.0, "grid": 12}
"""What a newly trained likeness network writes into its `config.json`, and what `EmbeddingDetector` reads
there.

`size` is the side in pixels of the square into which the whole picture is squeezed, `steepest` how much more
contrast a tone may get when tones are evened out, `grid` how many patches lie along each side.
"""

_BYTE_SCALE = 127  # what 1.0 is in the stored bytes
_TONES = 256
_AVERAGED_ROWS = 2  # of the working picture, that are averaged for one of the square
_HASH_COLUMNS, _HASH_ROWS = 9, 8  # the hash compares neighbours in a row: 8 x 8 comparisons


def squeeze(picture: Pixels, size: int) -> Pixels:
    """Squeeze a whole picture into a square of `size` px, so that nothing at its rim is lost.

    Of a large picture only each second or third row is averaged: memory is what this step waits for.
    """
    step = max(1, picture.shape[0] // (_AVERAGED_ROWS * size))
    image = Image.fromarray(np.ascontiguousarray(picture[::step])).resize(
        (size, size), Image.Resampling.BOX, reducing_gap=2.0
    )
    return np.asarray(image)


def prepare(small: Pixels, max_slope: float) -> Floats:
    """Turn a squeezed picture into the network's input, in training as in use: the same shape, -1 to 1.

    Tones are spread until each is as frequent as any other, no stretch steeper than `steepest`: what exposure
    and tone curve did is undone but for what they clipped. (Zuiderveld, "Contrast Limited Adaptive Histogram
    Equalization", 1994; here one table for the whole picture, from its luma, so that colours stay.)
    """
    image = Image.fromarray(small)
    table = _equalise_tones(np.array(image.convert("L").histogram(), np.float64), max_slope)
    return np.asarray(image.point(table * 3), np.float32) / np.float32(127.5) - np.float32(1)


def _equalise_tones(counts: NDArray[np.float64], max_slope: float) -> list[int]:
    """Give each tone its new one: the middle of its rank among all pixels."""
    max_count = max_slope * counts.sum() / _TONES
    clipped = np.minimum(counts, max_count)
    clipped += (counts.sum() - clipped.sum()) / _TONES
    ranks = (np.cumsum(clipped) - clipped / 2) / clipped.sum()
    return [int(tone) for tone in np.rint(255 * ranks)]


def difference_hash(small: Pixels) -> str:
    """Hash a picture in 16 hex digits: of 8 x 8 places, row by row, which get brighter to the right."""
    grey = Image.fromarray(small).convert("L").resize((_HASH_COLUMNS, _HASH_ROWS), Image.Resampling.BOX)
    light = np.asarray(grey, np.int16)
    return np.packbits(light[:, 1:] > light[:, :-1]).tobytes().hex()


def pack(numbers: Floats) -> str:
    """Write numbers between -1 and 1 as base64 of one signed byte each; no number is 0."""
    clipped = np.nan_to_num(numbers).clip(-1, 1)
    return b64encode(np.rint(clipped * _BYTE_SCALE).astype(np.int8).tobytes()).decode("ascii")


def _unpack(text: str, width: int) -> Floats:
    """Read what `pack` wrote, in rows of unit length `(n, width)`; ValueError where nothing was written."""
    stored = np.frombuffer(b64decode(text), np.int8)
    if not len(stored):
        raise ValueError("This likeness is empty: the photo was not compared.")
    rows = stored.reshape(-1, width).astype(np.float32)
    lengths = np.sqrt(np.einsum("ij,ij->i", rows, rows))[:, None]
    unit: Floats = rows / np.maximum(lengths, 1)
    return unit


def hash_of(embedding: Embedding) -> int:
    """Read the difference hash, 0 to 2**64 - 1; two hashes differ by `(a ^ b).bit_count()` of 64 bits."""
    return int(embedding.hash, 16)


def vector_of(embedding: Embedding) -> Floats:
    """Read the vector, `(64,)` float32 of unit length: the inner product of two is their cosine, 1 for alike.

    Raises ValueError for an empty likeness.
    """
    vector: Floats = _unpack(embedding.vector, VECTOR_SIZE)[0]
    return vector


def patches_of(embedding: Embedding) -> tuple[Floats, Floats]:
    """Read the patches: where they lie, `(n, 2)`, and what is there, `(n, 16)` of unit length, both float32.

    A place is x and y in fractions (0-1) of the picture's width and height. The patches are a square grid,
    row by row over the whole picture, the same places in every photo of one model version. Raises ValueError
    for an empty likeness.
    """
    descriptors = _unpack(embedding.patches, DESCRIPTOR_SIZE)
    return _cell_centres(isqrt(len(descriptors))), descriptors


@lru_cache(maxsize=4)
def _cell_centres(side: int) -> Floats:
    """The middles of `side` x `side` cells, row by row; not to be written into."""
    axis_centres = (np.arange(side, dtype=np.float32) + np.float32(0.5)) / np.float32(side)
    centres = np.stack(np.meshgrid(axis_centres, axis_centres), axis=-1).reshape(-1, 2)
    centres.flags.writeable = False
    return centres


class EmbeddingDetector(ModelBacked):
    """What the photo looks like: hash, vector and patches."""

    name: ClassVar[str] = "likeness"
    needs: ClassVar[tuple[str, ...]] = ()

    def measure(self, photo: Photo, results: Mapping[str, Any]) -> Embedding:  # noqa: ARG002  # protocol
        """Describe how the photo looks; raises ModelError where the model is not usable."""
        preprocessing = self._model.config["preprocessing"]
        small = squeeze(photo.working, preprocessing["size"])
        output = self._network(prepare(small, preprocessing["steepest"])[None])[0][0]
        lengths = {"vector": VECTOR_SIZE, "patches": DESCRIPTOR_SIZE * preprocessing["grid"] ** 2}
        names = self._model.classes
        ends = np.cumsum([lengths[name] for name in names])
        sections = np.split(output, ends[:-1])
        packed = {name: pack(section) for name, section in zip(names, sections, strict=True)}
        return Embedding(hash=difference_hash(small), **packed)
