"""InceptionV3 (Szegedy et al. 2016): convolutions of several sizes side by side, long ones factorised.

The channel numbers are those of the published model. It pads nothing in its first layers and reductions; here
everything is padded, so that small pictures reach the end.
"""

from __future__ import annotations

from typing import Any

from keras import layers

from autocull.train.backbones.layers import convolution, scaled

_ROWS = ((1, 7), (7, 1))


def inception_v3(picture: Any, width: float) -> Any:
    """Stem, three modules at 1/8, four at 1/16, two at 1/32, with a reduction before each change."""

    def wide(x: Any, channels: int, size: int | tuple[int, int] = 3, stride: int = 1) -> Any:
        return convolution(x, scaled(channels, width), size, stride=stride)

    x = wide(wide(wide(picture, 32, stride=2), 32), 64)
    x = layers.MaxPooling2D(3, 2, padding="same")(x)
    x = wide(wide(x, 80, 1), 192)
    x = layers.MaxPooling2D(3, 2, padding="same")(x)
    for pooled in (32, 64, 64):
        x = _square(x, wide, pooled)
    x = _joined([wide(x, 384, stride=2), wide(wide(wide(x, 64, 1), 96), 96, stride=2), _halved(x)])
    for inner in (128, 160, 160, 192):
        x = _factorised(x, wide, inner)
    sevens = _rows(wide(x, 192, 1), wide, 192, 192)
    x = _joined([wide(wide(x, 192, 1), 320, stride=2), wide(sevens, 192, stride=2), _halved(x)])
    for _ in range(2):
        x = _spread(x, wide)
    return layers.GlobalAveragePooling2D()(x)


def _square(x: Any, wide: Any, pooled: int) -> Any:
    """The paper's figure 5: 5x5 and two 3x3 beside 1x1 and pooling."""
    fives = wide(wide(x, 48, 1), 64, 5)
    threes = wide(wide(wide(x, 64, 1), 96), 96)
    return _joined([wide(x, 64, 1), fives, threes, wide(_averaged(x), pooled, 1)])


def _factorised(x: Any, wide: Any, inner: int) -> Any:
    """The paper's figure 6: 7x7 as rows and columns, once and twice."""
    once = _rows(wide(x, inner, 1), wide, inner, 192)
    twice = wide(wide(wide(x, inner, 1), inner, (7, 1)), inner, (1, 7))
    twice = wide(wide(twice, inner, (7, 1)), 192, (1, 7))
    return _joined([wide(x, 192, 1), once, twice, wide(_averaged(x), 192, 1)])


def _spread(x: Any, wide: Any) -> Any:
    """The paper's figure 7: the last convolutions fan out instead of following each other."""
    thin, deep = wide(x, 384, 1), wide(wide(x, 448, 1), 384)
    fans = [wide(branch, 384, size) for branch in (thin, deep) for size in ((1, 3), (3, 1))]
    return _joined([wide(x, 320, 1), *fans, wide(_averaged(x), 192, 1)])


def _rows(x: Any, wide: Any, inner: int, last: int) -> Any:
    return wide(wide(x, inner, _ROWS[0]), last, _ROWS[1])


def _joined(branches: list[Any]) -> Any:
    return layers.Concatenate()(branches)


def _averaged(x: Any) -> Any:
    return layers.AveragePooling2D(3, 1, padding="same")(x)


def _halved(x: Any) -> Any:
    return layers.MaxPooling2D(3, 2, padding="same")(x)
