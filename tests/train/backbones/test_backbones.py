"""Tests of the backbones: at full width they have the published numbers of parameters."""

from __future__ import annotations

from typing import Any

import keras
import pytest

from autocull.train.backbones.layers import scale_channels
from autocull.train.backbones.registry import BACKBONES, MIN_SIZE, Backbone

BY_NAME = {backbone.name: backbone for backbone in BACKBONES}

PUBLISHED = {
    "ResNet50": 25_557_032
    + 2 * 26_560,  # its paper's; with the mean and variance of 26,560 normalised channels
    "InceptionV3": 23_851_784 + 17_216,  # Keras Applications', which has no scale in its normalisation
    "EfficientNetB0": 5_330_571 - 7,  # Keras Applications', whose input scaling has 7 numbers
    "MobileNetV3-Small": 2_554_968,  # Keras Applications'
}


def count_parameters(backbone: Backbone, size: int, classes: int, width: float | None = None) -> int:
    """Count the parameters of the backbone with a classifier of `classes` classes."""
    picture = keras.Input((size, size, 3))
    return int(keras.Model(picture, add_classifier(backbone, picture, classes, width)).count_params())


def add_classifier(backbone: Backbone, picture: Any, classes: int, width: float | None) -> Any:
    """Build the backbone and a dense classifier on the picture."""
    return keras.layers.Dense(classes)(backbone.build_features(picture, width))


@pytest.mark.slow
@pytest.mark.parametrize("name", PUBLISHED)
def test_full_width_has_the_published_parameters(name: str) -> None:
    """With 1,000 classes the number of parameters is the published one."""
    assert count_parameters(BY_NAME[name], 64, 1000, 1.0) == PUBLISHED[name]


def test_vgg16_has_the_published_convolutions() -> None:
    """It has thirteen convolutions, five poolings and two dense layers, here of a quarter of the width."""
    picture = keras.Input((32, 32, 3))
    features = BY_NAME["VGG16"].build_features(picture)
    kinds = [type(layer).__name__ for layer in keras.Model(picture, features).layers]
    assert (kinds.count("Conv2D"), kinds.count("MaxPooling2D"), kinds.count("Dense")) == (13, 5, 2)
    assert features.shape == (None, 1024)


def test_b7_is_deeper_than_b0() -> None:
    """EfficientNetB7 has the 55 blocks of depth 3.1, each with one depthwise convolution."""
    picture = keras.Input((MIN_SIZE, MIN_SIZE, 3))
    model = keras.Model(picture, BY_NAME["EfficientNetB7"].build_features(picture, 0.1))
    assert sum(type(layer).__name__ == "DepthwiseConv2D" for layer in model.layers) == 55


def test_backbones_have_unique_names_and_cite_a_paper() -> None:
    """The table has the six networks of the comparison, each with its paper."""
    assert set(BY_NAME) == {"VGG16", *PUBLISHED, "EfficientNetB7"}
    assert len(BY_NAME) == len(BACKBONES)
    assert all("arXiv:" in backbone.paper for backbone in BACKBONES)


@pytest.mark.parametrize(
    ("channels", "width", "expected"), [(64, 1, 64), (64, 0.25, 16), (3, 1, 8), (40, 0.5, 24), (11, 1, 16)]
)
def test_scaled_channels_are_multiples_of_eight(channels: float, width: float, expected: int) -> None:
    """They are rounded to the nearest multiple, to at least 8 and by at most a tenth down."""
    assert scale_channels(channels, width) == expected
