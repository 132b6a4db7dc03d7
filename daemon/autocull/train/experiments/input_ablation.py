"""Datasets for input ablation: the same cached samples, with all inputs or with the picture alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import Enum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from autocull.arrays import Floats, Rng
from autocull.train.recipes import Dataset, Sample

CACHE_BYTES = 800 * 2**20
"""Memory for cached samples, in bytes; samples beyond it are computed again for every network."""


class InputSubset(Enum):
    """The inputs of a sample that a network receives."""

    PICTURE = "picture"
    """The picture, as the only input."""

    EVERYTHING = "everything"
    """All inputs of the project's network."""

    PICTURE_OF_ALL = "picture of all"
    """All inputs, of which all but the picture are zero."""


class _CachedSample(NamedTuple):
    inputs: tuple[NDArray[np.float16], ...]
    target: Floats
    weight: float


class CachedDataset:
    """A dataset whose samples are computed once and cached in half precision, with the picture at `size` px.

    An augmented sample depends on the state of its generator alone: the same state returns the same sample,
    cached or computed again. `picture_index` is the index of the picture among the inputs, `limit` the memory
    for the cache in bytes.
    """

    def __init__(self, dataset: Dataset, picture_index: int, size: int, limit: int = CACHE_BYTES) -> None:
        self._dataset, self._size, self._free_bytes = dataset, size, limit
        self._cache: dict[tuple[int, str], _CachedSample] = {}
        self.picture_index = picture_index
        self.sources: Sequence[str] = dataset.sources

    def __len__(self) -> int:
        return len(self._dataset)

    def augmented(self, index: int, rng: Rng) -> Sample:
        """Return the augmented sample."""
        key = (index, str(rng.bit_generator.state))
        return self._get_or_make(key, lambda: self._dataset.augmented(index, rng))

    def plain(self, index: int) -> Sample:
        """Return the sample without augmentation."""
        return self._get_or_make((index, "plain"), lambda: self._dataset.plain(index))

    def _get_or_make(self, key: tuple[int, str], make: Callable[[], Sample]) -> Sample:
        cached = self._cache.get(key)
        if cached is None:
            cached = self._shrink(make())
            size = sum(array.nbytes for array in cached.inputs)
            if size <= self._free_bytes:
                self._free_bytes -= size
                self._cache[key] = cached
        return Sample(
            tuple(array.astype(np.float32) for array in cached.inputs), cached.target, cached.weight
        )

    def _shrink(self, sample: Sample) -> _CachedSample:
        inputs = [
            resize(array, self._size) if index == self.picture_index else array
            for index, array in enumerate(sample.inputs)
        ]
        halves = tuple(array.astype(np.float16) for array in inputs)
        return _CachedSample(halves, sample.target, sample.weight)


class AblatedDataset:
    """A cached dataset reduced to one subset of the inputs."""

    def __init__(self, dataset: CachedDataset, subset: InputSubset) -> None:
        self._dataset, self._subset = dataset, subset
        self.sources: Sequence[str] = dataset.sources

    def __len__(self) -> int:
        return len(self._dataset)

    def augmented(self, index: int, rng: Rng) -> Sample:
        """Return the subset of the augmented sample's inputs."""
        return self._select_inputs(self._dataset.augmented(index, rng))

    def plain(self, index: int) -> Sample:
        """Return the subset of the inputs of the sample without augmentation."""
        return self._select_inputs(self._dataset.plain(index))

    def _select_inputs(self, sample: Sample) -> Sample:
        if self._subset is InputSubset.EVERYTHING:
            return sample
        picture_index = self._dataset.picture_index
        if self._subset is InputSubset.PICTURE:
            return sample._replace(inputs=(sample.inputs[picture_index],))
        inputs = tuple(
            array if index == picture_index else np.zeros_like(array)
            for index, array in enumerate(sample.inputs)
        )
        return sample._replace(inputs=inputs)


def resize(picture: Floats, size: int) -> Floats:
    """Resize a picture `(h, w, channels)` of any value range to `size` px square by area averaging."""
    if picture.shape[:2] == (size, size):
        return picture
    planes = [
        np.asarray(Image.fromarray(plane).resize((size, size), Image.Resampling.BOX))
        for plane in np.moveaxis(picture.astype(np.float32), 2, 0)
    ]
    return np.stack(planes, axis=2)
