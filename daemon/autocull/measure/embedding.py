"""The embedding detector: a hash, a vector and local descriptors, to find copies and photos of one scene.

The difference hash (dHash; Krawetz, "Kind of Like That", 2013) finds copies. The vector, from a network
trained contrastively (SimCLR; Chen et al., "A Simple Framework for Contrastive Learning of Visual
Representations", ICML 2020), finds the same scene with another exposure, crop, viewpoint, focus or noise. The
patches, one descriptor per cell of a grid (trained on correspondences; Choy et al., "Universal Correspondence
Network", NIPS 2016), match positions in two photos.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from functools import lru_cache
from math import isqrt
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from autocull.arrays import Floats
from autocull.measure.evidence import Embedding
from autocull.measure.models import Detector
from autocull.measure.network_io import scale_pixels
from autocull.measure.view import measure_view
from autocull.read import Photo, Pixels

VECTOR_SIZE = 64
"""Dimensions of a photo's vector."""

DESCRIPTOR_SIZE = 16
"""Dimensions of a patch's descriptor."""

EMBEDDING_PREPROCESSING: dict[str, Any] = {"size": 96, "colour": "rgb", "steepest": 8.0, "grid": 12}
"""Preprocessing of a newly trained embedding network, stored in its `config.json`.

`size` is the side in pixels of the square to which the whole picture is resized, `steepest` the contrast
limit of the histogram equalisation, `grid` the number of patches along each side.
"""

_BYTE_SCALE = 127  # the stored byte of 1.0
_TONES = 256
_AVERAGED_ROWS = 2  # rows of the working picture averaged into one row of the square
_HASH_COLUMNS, _HASH_ROWS = 9, 8  # the hash compares neighbours in a row: 8 x 8 comparisons


def squeeze(picture: Pixels, size: int) -> Pixels:
    """Resize a whole picture to a square of `size` px; nothing at its border is cropped.

    Of a large picture only each second or third row is averaged: the step is bound by memory bandwidth.
    """
    step = max(1, picture.shape[0] // (_AVERAGED_ROWS * size))
    image = Image.fromarray(np.ascontiguousarray(picture[::step])).resize(
        (size, size), Image.Resampling.BOX, reducing_gap=2.0
    )
    return np.asarray(image)


def prepare_embedding_picture(small: Pixels, max_slope: float) -> Floats:
    """Convert a squeezed picture into the network's input, for training and inference: same shape, -1 to 1.

    Contrast-limited histogram equalisation, with slopes of at most `max_slope`, removes the effects of
    exposure and tone curve except for clipping. (Zuiderveld, "Contrast Limited Adaptive Histogram
    Equalization", 1994; here with one table for the whole picture, from its luma, so that hues stay.)
    """
    image = Image.fromarray(small)
    table = _equalise_tones(np.array(image.convert("L").histogram(), np.float64), max_slope)
    return scale_pixels(image.point(table * 3))


def _equalise_tones(counts: NDArray[np.float64], max_slope: float) -> list[int]:
    """Return the new value (0-255) of each tone: the middle of its rank among all pixels."""
    max_count = max_slope * counts.sum() / _TONES
    clipped = np.minimum(counts, max_count)
    clipped += (counts.sum() - clipped.sum()) / _TONES
    ranks = (np.cumsum(clipped) - clipped / 2) / clipped.sum()
    return [int(tone) for tone in np.rint(255 * ranks)]


def difference_hash(small: Pixels) -> str:
    """Compute the difference hash of a picture in 16 hex digits.

    Its 64 bits, of 8 x 8 positions row by row, are set where the picture gets brighter to the right.
    """
    grey = Image.fromarray(small).convert("L").resize((_HASH_COLUMNS, _HASH_ROWS), Image.Resampling.BOX)
    light = np.asarray(grey, np.int16)
    return np.packbits(light[:, 1:] > light[:, :-1]).tobytes().hex()


def pack(numbers: Floats) -> str:
    """Encode numbers between -1 and 1 as base64 of one signed byte each; NaN becomes 0."""
    clipped = np.nan_to_num(numbers).clip(-1, 1)
    return b64encode(np.rint(clipped * _BYTE_SCALE).astype(np.int8).tobytes()).decode("ascii")


def _unpack(text: str, width: int) -> Floats:
    """Decode the output of `pack` into rows of unit length `(n, width)`; raises ValueError if it is empty."""
    stored = np.frombuffer(b64decode(text), np.int8)
    if not len(stored):
        raise ValueError("The embedding is empty: photos of a fixture cannot be compared.")
    rows = stored.reshape(-1, width).astype(np.float32)
    lengths = np.sqrt(np.einsum("ij,ij->i", rows, rows))[:, None]
    unit: Floats = rows / np.maximum(lengths, 1)
    return unit


def hash_of(embedding: Embedding) -> int:
    """Return the difference hash, 0 to 2**64 - 1; two hashes differ in `(a ^ b).bit_count()` of 64 bits."""
    return int(embedding.hash, 16)


def vector_of(embedding: Embedding) -> Floats:
    """Return the vector, `(64,)` float32 of unit length; the inner product of two is their cosine similarity.

    Raises ValueError for an empty embedding.
    """
    vector: Floats = _unpack(embedding.vector, VECTOR_SIZE)[0]
    return vector


def patches_of(embedding: Embedding) -> tuple[Floats, Floats]:
    """Return the patches' positions `(n, 2)` and descriptors `(n, 16)` of unit length, both float32.

    A position is x and y in fractions (0-1) of the picture's width and height. The patches are a square grid,
    row by row over the whole picture, at the same positions in every photo of one model version. Raises
    ValueError for an empty embedding.
    """
    descriptors = _unpack(embedding.patches, DESCRIPTOR_SIZE)
    return _cell_centres(isqrt(len(descriptors))), descriptors


@lru_cache(maxsize=4)
def _cell_centres(side: int) -> Floats:
    """Return the centres of `side` x `side` cells, row by row, as a read-only array."""
    axis_centres = (np.arange(side, dtype=np.float32) + np.float32(0.5)) / np.float32(side)
    centres = np.stack(np.meshgrid(axis_centres, axis_centres), axis=-1).reshape(-1, 2)
    centres.flags.writeable = False
    return centres


class EmbeddingDetector(Detector):
    """Measures the embedding of a photo: hash, vector, patches and view."""

    name: ClassVar[str] = "likeness"

    def measure(self, photo: Photo) -> Embedding:
        """Compute the photo's embedding; raises ModelError if the model is not usable."""
        preprocessing = self._model.config["preprocessing"]
        small = squeeze(photo.working, preprocessing["size"])
        output = self._network(prepare_embedding_picture(small, preprocessing["steepest"])[None])[0][0]
        lengths = {"vector": VECTOR_SIZE, "patches": DESCRIPTOR_SIZE * preprocessing["grid"] ** 2}
        names = self._model.classes
        ends = np.cumsum([lengths[name] for name in names])
        sections = np.split(output, ends[:-1])
        packed = {name: pack(section) for name, section in zip(names, sections, strict=True)}
        tones, detail, tints = measure_view(photo.working, small)
        return Embedding(difference_hash(small), **packed, tones=tones, detail=detail, tints=tints)
