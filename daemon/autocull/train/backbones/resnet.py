"""ResNet50 (He et al. 2016): sixteen bottleneck blocks in four stages."""

from __future__ import annotations

from typing import Any

from keras import layers

from autocull.train.backbones.layers import convolution, scale_channels

_STAGES = ((64, 3), (128, 4), (256, 6), (512, 3))
_EXPANSION = 4


def resnet50(picture: Any, width: float) -> Any:
    """Build the 50-layer network of the paper's table 1."""
    x = convolution(picture, scale_channels(64, width), 7, stride=2)
    x = layers.MaxPooling2D(3, 2, padding="same")(x)
    for stage, (channels, blocks) in enumerate(_STAGES):
        for block in range(blocks):
            first = block == 0
            x = _bottleneck(
                x, scale_channels(channels, width), stride=2 if first and stage else 1, project=first
            )
    return layers.GlobalAveragePooling2D()(x)


def _bottleneck(x: Any, channels: int, *, stride: int, project: bool) -> Any:
    y = convolution(x, channels, 1, stride=stride)
    y = convolution(y, channels)
    y = convolution(y, channels * _EXPANSION, 1, activation=None)
    if project:
        x = convolution(x, channels * _EXPANSION, 1, stride=stride, activation=None)
    return layers.Activation("relu")(layers.Add()([x, y]))
