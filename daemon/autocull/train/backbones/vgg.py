"""VGG16 (Simonyan & Zisserman 2015): thirteen 3x3 convolutions, five poolings, two wide dense layers."""

from __future__ import annotations

from typing import Any

from keras import layers

from autocull.train.backbones.layers import convolution, scale_channels

_STAGES = ((64, 2), (128, 2), (256, 3), (512, 3), (512, 3))
_DENSE = 4096


def vgg16(picture: Any, width: float) -> Any:
    """Build configuration D with batch normalisation, without which it does not learn at the common rate."""
    x = picture
    for channels, repeats in _STAGES:
        for _ in range(repeats):
            x = convolution(x, scale_channels(channels, width))
        x = layers.MaxPooling2D()(x)
    x = layers.Flatten()(x)
    for _ in range(2):
        x = layers.Dropout(0.5)(layers.Dense(scale_channels(_DENSE, width), activation="relu")(x))
    return x
