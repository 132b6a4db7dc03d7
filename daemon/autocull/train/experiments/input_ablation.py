"""What one network of a comparison sees of the same drawn examples: the picture alone, or everything."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import Enum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from autocull.arrays import Floats
from autocull.train.recipes.base import Example, Part

KEPT_BYTES = 800 * 2**20
"""How much memory the drawn examples may take; those beyond it are drawn anew for every network."""


class Sight(Enum):
    """Which of an example's inputs a network gets."""

    PICTURE = "picture"
    """The picture, as the only input."""

    EVERYTHING = "everything"
    """All inputs of the member's own network."""

    PICTURE_OF_ALL = "picture of all"
    """All inputs, and every one but the picture is zero."""


class _Kept(NamedTuple):
    inputs: tuple[NDArray[np.float16], ...]
    target: Floats
    weight: float


class KeptPart:
    """A part whose examples are drawn once and kept in half precision, their picture made `size` px.

    The generator decides what is drawn; one in the same state gets the same example back, kept or drawn anew.
    `picture` is the place of the picture among the inputs.
    """

    def __init__(self, part: Part, picture: int, size: int, limit: int = KEPT_BYTES) -> None:
        self._part, self._size, self._left = part, size, limit
        self._kept: dict[tuple[int, str], _Kept] = {}
        self.picture = picture
        self.sources: Sequence[str] = part.sources

    def __len__(self) -> int:
        return len(self._part)

    def draw(self, index: int, rng: np.random.Generator) -> Example:
        """Give the drawn example."""
        key = (index, str(rng.bit_generator.state))
        return self._remembered(key, lambda: self._part.draw(index, rng))

    def plain(self, index: int) -> Example:
        """Give the plain example."""
        return self._remembered((index, "plain"), lambda: self._part.plain(index))

    def _remembered(self, key: tuple[int, str], make: Callable[[], Example]) -> Example:
        kept = self._kept.get(key)
        if kept is None:
            kept = self._small(make())
            size = sum(array.nbytes for array in kept.inputs)
            if size <= self._left:
                self._left -= size
                self._kept[key] = kept
        return Example(tuple(array.astype(np.float32) for array in kept.inputs), kept.target, kept.weight)

    def _small(self, example: Example) -> _Kept:
        inputs = [
            resize(array, self._size) if place == self.picture else array
            for place, array in enumerate(example.inputs)
        ]
        halves = tuple(array.astype(np.float16) for array in inputs)
        return _Kept(halves, example.target, example.weight)


class SeenPart:
    """A kept part as one network sees it."""

    def __init__(self, part: KeptPart, sight: Sight) -> None:
        self._part, self._sight = part, sight
        self.sources: Sequence[str] = part.sources

    def __len__(self) -> int:
        return len(self._part)

    def draw(self, index: int, rng: np.random.Generator) -> Example:
        """Give of the drawn example what the network gets."""
        return self._seen(self._part.draw(index, rng))

    def plain(self, index: int) -> Example:
        """Give of the plain example what the network gets."""
        return self._seen(self._part.plain(index))

    def _seen(self, example: Example) -> Example:
        if self._sight is Sight.EVERYTHING:
            return example
        picture = self._part.picture
        if self._sight is Sight.PICTURE:
            return example._replace(inputs=(example.inputs[picture],))
        blind = tuple(
            array if place == picture else np.zeros_like(array) for place, array in enumerate(example.inputs)
        )
        return example._replace(inputs=blind)


def resize(picture: Floats, size: int) -> Floats:
    """Squeeze a picture `(h, w, channels)` of any range into `(size, size, channels)`, by area."""
    if picture.shape[:2] == (size, size):
        return picture
    planes = [
        np.asarray(Image.fromarray(plane).resize((size, size), Image.Resampling.BOX))
        for plane in np.moveaxis(picture.astype(np.float32), 2, 0)
    ]
    return np.stack(planes, axis=2)
