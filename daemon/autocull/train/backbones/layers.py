"""The pieces that all backbones are made of: channels at a width, convolution with normalisation."""

from __future__ import annotations

from typing import Any

from keras import layers

MOMENTUM = 0.9
"""Memory of the batch normalisation per step; the published 0.99 would not warm up in a small budget."""


def scale_channels(channels: float, width: float) -> int:
    """Scale channels to a multiple of 8, never under 8 and never more than 10 % under what was asked."""
    target = channels * width
    rounded = max(8, int(target + 4) // 8 * 8)
    return rounded + 8 if rounded < 0.9 * target else rounded


def convolution(
    x: Any,
    channels: int,
    size: int | tuple[int, int] = 3,
    *,
    stride: int = 1,
    activation: str | None = "relu",
) -> Any:
    """Convolution without bias, batch normalisation, activation (None for none); padded at the rims."""
    x = layers.Conv2D(channels, size, stride, padding="same", use_bias=False)(x)
    return _normalise_and_activate(x, activation)


def depthwise(x: Any, size: int, *, stride: int, activation: str) -> Any:
    """The same, each channel for itself."""
    x = layers.DepthwiseConv2D(size, stride, padding="same", use_bias=False)(x)
    return _normalise_and_activate(x, activation)


def _normalise_and_activate(x: Any, activation: str | None) -> Any:
    x = layers.BatchNormalization(momentum=MOMENTUM)(x)
    return layers.Activation(activation)(x) if activation else x
