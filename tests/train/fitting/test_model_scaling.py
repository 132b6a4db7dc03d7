"""Scaled copies of a network: other channels in every layer but the last."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
from keras import layers

from autocull.train.fitting.model_scaling import scale_model


def network() -> Any:
    """Build a network with everything that recipes use: two inputs, a residual, dropout, dense layers."""
    facts, picture = keras.Input((3,), name="facts"), keras.Input((8, 8, 1), name="picture")
    x = layers.Conv2D(8, 3, padding="same", name="first")(picture)
    x = layers.Add()([x, layers.Conv2D(8, 3, padding="same")(x)])
    x = layers.Dropout(0.3, name="dropout")(layers.GlobalAveragePooling2D()(x))
    x = layers.Concatenate()([x, layers.Dense(4, activation="relu", name="facts_dense")(facts)])
    return keras.Model([facts, picture], layers.Dense(2, name="logits")(x))


def test_width_scales_every_layer_but_the_last() -> None:
    """Filters and units are multiplied, to at least 1; classes are not."""
    wide, thin = scale_model(network(), width=1.5), scale_model(network(), width=0.01)
    assert (wide.get_layer("first").filters, wide.get_layer("facts_dense").units) == (12, 6)
    assert (thin.get_layer("first").filters, thin.get_layer("facts_dense").units) == (1, 1)
    assert wide.get_layer("logits").units == thin.get_layer("logits").units == 2


def test_defaults_copy_the_network() -> None:
    """Same parameters, same inputs in the same order; the original is not changed."""
    model = network()
    same = scale_model(model)
    assert same.count_params() == model.count_params()
    assert [tensor.name for tensor in same.inputs] == ["facts", "picture"]
    assert same.get_layer("dropout").rate == 0.3
    scale_model(model, width=3.0, dropout=0.0)
    assert model.get_layer("first").filters == 8


def test_dropout_is_replaced() -> None:
    """By 0 too, which differs from the default None."""
    assert scale_model(network(), dropout=0.0).get_layer("dropout").rate == 0
    assert scale_model(network(), dropout=0.6).get_layer("dropout").rate == 0.6


def test_network_accepts_another_picture_size() -> None:
    """A network that pools over the picture works at any size."""
    small = scale_model(network(), shapes={"picture": (4, 4, 1)})
    output = small([np.ones((2, 3), np.float32), np.ones((2, 4, 4, 1), np.float32)])
    assert tuple(output.shape) == (2, 2)


def test_frozen_layers_are_kept() -> None:
    """A frozen layer keeps its channels and weights at every width; the others are scaled."""
    model = network()
    model.get_layer("facts_dense").trainable = False
    wide = scale_model(model, width=2.0)
    copied, original = (each.get_layer("facts_dense").get_weights()[0] for each in (wide, model))
    assert (copied == original).all()
    assert not wide.get_layer("facts_dense").trainable
    assert wide.get_layer("first").filters == 16


@pytest.mark.parametrize("detector", ["eyes", "focus", "defects"])
def test_every_recipe_can_be_scaled(detector: str) -> None:
    """Half as wide, each network has about a quarter of its parameters and the same classes."""
    from autocull.train.recipes.registry import make_recipe

    model = make_recipe(detector).build_network()
    half = scale_model(model, width=0.5)
    assert 0.2 < half.count_params() / model.count_params() < 0.4
    assert half.output_shape == model.output_shape
