"""Inverted bottlenecks: EfficientNet (Tan & Le 2019; also Lite), MobileNetV3-Small (Howard et al. 2019)."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from keras import layers

from autocull.train.backbones.layers import convolution, depthwise, scale_channels


class _Block(NamedTuple):
    """One inverted bottleneck: size of its kernel, numbers of channels, stride and activations.

    `expanded` and `out` are the numbers of inner and output channels. `squeezed` is that of squeeze and
    excitation, 0 for none; `excitation` is the activation by which it scales the channels.
    """

    kernel: int
    expanded: int
    out: int
    stride: int
    activation: str
    squeezed: int
    excitation: str


# repeats, kernel, stride, expansion, channels: table 1 of the EfficientNet paper
_B0 = (
    (1, 3, 1, 1, 16),
    (2, 3, 2, 6, 24),
    (2, 5, 2, 6, 40),
    (3, 3, 2, 6, 80),
    (3, 5, 1, 6, 112),
    (4, 5, 2, 6, 192),
    (1, 3, 1, 6, 320),
)

# kernel, expansion, channels, squeeze, activation, stride: table 2 of the MobileNetV3 paper
_V3_SMALL = (
    (3, 16, 16, True, "relu", 2),
    (3, 72, 24, False, "relu", 2),
    (3, 88, 24, False, "relu", 1),
    (5, 96, 40, True, "hard_silu", 2),
    (5, 240, 40, True, "hard_silu", 1),
    (5, 240, 40, True, "hard_silu", 1),
    (5, 120, 48, True, "hard_silu", 1),
    (5, 144, 48, True, "hard_silu", 1),
    (5, 288, 96, True, "hard_silu", 2),
    (5, 576, 96, True, "hard_silu", 1),
    (5, 576, 96, True, "hard_silu", 1),
)


def efficientnet_b0(picture: Any, width: float) -> Any:
    """Build the base network: width and depth 1."""
    return _efficientnet(picture, width, 1.0, 0.2)


def efficientnet_b7(picture: Any, width: float) -> Any:
    """Build the network of width 2.0 (times `width`) and depth 3.1: 55 blocks."""
    return _efficientnet(picture, 2.0 * width, 3.1, 0.5)


def efficientnet_lite0(picture: Any, width: float) -> Any:
    """Build the Lite variant of the base network (Google 2020): no excitation, and ReLU6 in place of SiLU."""
    return _efficientnet(picture, width, 1.0, 0.2, activation="relu6", squeeze=False)


def _efficientnet(
    picture: Any,
    width: float,
    depth: float,
    dropout: float,
    *,
    activation: str = "silu",
    squeeze: bool = True,
) -> Any:
    in_channels = scale_channels(32, width)
    x = convolution(picture, in_channels, stride=2, activation=activation)
    for repeats, kernel, stride, expansion, channels in _B0:
        out = scale_channels(channels, width)
        for repeat in range(math.ceil(repeats * depth)):
            block_stride = stride if repeat == 0 else 1
            squeezed = max(1, in_channels // 4) if squeeze else 0
            block = _Block(
                kernel, in_channels * expansion, out, block_stride, activation, squeezed, "sigmoid"
            )
            x = _inverted_bottleneck(x, block, expansion > 1)
            in_channels = out
    x = convolution(x, scale_channels(1280, width), 1, activation=activation)
    return layers.Dropout(dropout)(layers.GlobalAveragePooling2D()(x))


def mobilenet_v3_small(picture: Any, width: float) -> Any:
    """Build the paper's small network up to its dense layer of 1024 units."""
    x = convolution(picture, scale_channels(16, width), stride=2, activation="hard_silu")
    for index, (kernel, expanded, out, squeeze, activation, stride) in enumerate(_V3_SMALL):
        expanded_channels = scale_channels(expanded, width)
        squeezed = scale_channels(expanded_channels, 0.25) if squeeze else 0
        block = _Block(
            kernel,
            expanded_channels,
            scale_channels(out, width),
            stride,
            activation,
            squeezed,
            "hard_sigmoid",
        )
        x = _inverted_bottleneck(x, block, index > 0)
    x = convolution(x, scale_channels(576, width), 1, activation="hard_silu")
    x = layers.Dense(scale_channels(1024, width), activation="hard_silu")(layers.GlobalAveragePooling2D()(x))
    return layers.Dropout(0.2)(x)


def _inverted_bottleneck(x: Any, block: _Block, expand: bool) -> Any:
    """Expand, filter each channel, scale the channels, project; with a residual where the shapes allow it."""
    y = convolution(x, block.expanded, 1, activation=block.activation) if expand else x
    y = depthwise(y, block.kernel, stride=block.stride, activation=block.activation)
    if block.squeezed:
        y = _squeeze_and_excite(y, block)
    y = convolution(y, block.out, 1, activation=None)
    fits = block.stride == 1 and x.shape[-1] == block.out
    return layers.Add()([x, y]) if fits else y


def _squeeze_and_excite(x: Any, block: _Block) -> Any:
    """Scale each channel by a function of all channel means (Hu et al. 2018, squeeze and excitation)."""
    inner = "silu" if block.excitation == "sigmoid" else "relu"
    pooled = layers.GlobalAveragePooling2D(keepdims=True)(x)
    pooled = layers.Conv2D(block.squeezed, 1, activation=inner)(pooled)
    return layers.Multiply()([x, layers.Conv2D(x.shape[-1], 1, activation=block.excitation)(pooled)])
