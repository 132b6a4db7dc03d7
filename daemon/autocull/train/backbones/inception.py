"""InceptionV3 (Szegedy et al. 2016): parallel convolutions of several sizes, long ones factorised.

The numbers of channels are those of the published model. That one does not pad in its first layers and
reductions; here everything is padded, so that small pictures are possible.
"""

from __future__ import annotations

from typing import Any

from keras import layers

from autocull.train.backbones.layers import convolution, scale_channels

_ROWS = ((1, 7), (7, 1))


def inception_v3(picture: Any, width: float) -> Any:
    """Build the stem, three modules at 1/8, four at 1/16 and two at 1/32, with reductions between."""

    def conv(x: Any, channels: int, size: int | tuple[int, int] = 3, stride: int = 1) -> Any:
        return convolution(x, scale_channels(channels, width), size, stride=stride)

    x = conv(conv(conv(picture, 32, stride=2), 32), 64)
    x = layers.MaxPooling2D(3, 2, padding="same")(x)
    x = conv(conv(x, 80, 1), 192)
    x = layers.MaxPooling2D(3, 2, padding="same")(x)
    for pooled in (32, 64, 64):
        x = _square_module(x, conv, pooled)
    x = _concatenate([conv(x, 384, stride=2), conv(conv(conv(x, 64, 1), 96), 96, stride=2), _max_pool(x)])
    for inner in (128, 160, 160, 192):
        x = _factorised_module(x, conv, inner)
    sevens = _row_convolutions(conv(x, 192, 1), conv, 192, 192)
    x = _concatenate([conv(conv(x, 192, 1), 320, stride=2), conv(sevens, 192, stride=2), _max_pool(x)])
    for _ in range(2):
        x = _fan_module(x, conv)
    return layers.GlobalAveragePooling2D()(x)


def _square_module(x: Any, conv: Any, pooled: int) -> Any:
    """Add the module of the paper's figure 5: 5x5 and two 3x3 in parallel with 1x1 and pooling."""
    fives = conv(conv(x, 48, 1), 64, 5)
    threes = conv(conv(conv(x, 64, 1), 96), 96)
    return _concatenate([conv(x, 64, 1), fives, threes, conv(_average_pool(x), pooled, 1)])


def _factorised_module(x: Any, conv: Any, inner: int) -> Any:
    """Add the module of the paper's figure 6: 7x7 as rows and columns, once and twice."""
    once = _row_convolutions(conv(x, inner, 1), conv, inner, 192)
    twice = conv(conv(conv(x, inner, 1), inner, (7, 1)), inner, (1, 7))
    twice = conv(conv(twice, inner, (7, 1)), 192, (1, 7))
    return _concatenate([conv(x, 192, 1), once, twice, conv(_average_pool(x), 192, 1)])


def _fan_module(x: Any, conv: Any) -> Any:
    """Add the module of the paper's figure 7: the last convolutions are parallel instead of sequential."""
    thin, deep = conv(x, 384, 1), conv(conv(x, 448, 1), 384)
    fans = [conv(branch, 384, size) for branch in (thin, deep) for size in ((1, 3), (3, 1))]
    return _concatenate([conv(x, 320, 1), *fans, conv(_average_pool(x), 192, 1)])


def _row_convolutions(x: Any, conv: Any, inner: int, last: int) -> Any:
    return conv(conv(x, inner, _ROWS[0]), last, _ROWS[1])


def _concatenate(branches: list[Any]) -> Any:
    return layers.Concatenate()(branches)


def _average_pool(x: Any) -> Any:
    return layers.AveragePooling2D(3, 1, padding="same")(x)


def _max_pool(x: Any) -> Any:
    return layers.MaxPooling2D(3, 2, padding="same")(x)
