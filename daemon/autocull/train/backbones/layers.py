"""Layers common to all backbones: scaled numbers of channels, convolutions with normalisation."""

from __future__ import annotations

from typing import Any

from keras import layers

MOMENTUM = 0.9
"""Momentum of the batch normalisation; the published 0.99 would not converge in a small budget."""


def scale_channels(channels: float, width: float) -> int:
    """Return scaled channels as a multiple of 8: at least 8, and at most 10 % below `channels * width`."""
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
    """Add a padded convolution without bias, batch normalisation, and an activation unless it is None."""
    x = layers.Conv2D(channels, size, stride, padding="same", use_bias=False)(x)
    return _normalise_and_activate(x, activation)


def depthwise(x: Any, size: int, *, stride: int, activation: str) -> Any:
    """Add a padded depthwise convolution without bias, batch normalisation and an activation."""
    x = layers.DepthwiseConv2D(size, stride, padding="same", use_bias=False)(x)
    return _normalise_and_activate(x, activation)


def _normalise_and_activate(x: Any, activation: str | None) -> Any:
    x = layers.BatchNormalization(momentum=MOMENTUM)(x)
    return layers.Activation(activation)(x) if activation else x
