"""A network at another width: more or fewer channels everywhere but in the answer."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
from keras import layers

from autocull.train.fitting.model_scaling import scale_model


def network() -> Any:
    """Build a network of all that recipes use: two inputs, a residual, dropout, dense layers."""
    facts, picture = keras.Input((3,), name="facts"), keras.Input((8, 8, 1), name="picture")
    x = layers.Conv2D(8, 3, padding="same", name="first")(picture)
    x = layers.Add()([x, layers.Conv2D(8, 3, padding="same")(x)])
    x = layers.Dropout(0.3, name="hiding")(layers.GlobalAveragePooling2D()(x))
    x = layers.Concatenate()([x, layers.Dense(4, activation="relu", name="known")(facts)])
    return keras.Model([facts, picture], layers.Dense(2, name="answer")(x))


def test_width_scales_every_layer_but_the_last() -> None:
    """Filters and units are multiplied, classes are not, and never does a layer vanish."""
    wide, thin = scale_model(network(), width=1.5), scale_model(network(), width=0.01)
    assert (wide.get_layer("first").filters, wide.get_layer("known").units) == (12, 6)
    assert (thin.get_layer("first").filters, thin.get_layer("known").units) == (1, 1)
    assert wide.get_layer("answer").units == thin.get_layer("answer").units == 2


def test_nothing_asked_is_the_same_network() -> None:
    """Same parameters, same inputs in the same order, and the given one stays as it is."""
    model = network()
    same = scale_model(model)
    assert same.count_params() == model.count_params()
    assert [tensor.name for tensor in same.inputs] == ["facts", "picture"]
    assert same.get_layer("hiding").rate == 0.3
    scale_model(model, width=3.0, dropout=0.0)
    assert model.get_layer("first").filters == 8


def test_dropout_is_replaced() -> None:
    """Zero too, which is not the same as unasked."""
    assert scale_model(network(), dropout=0.0).get_layer("hiding").rate == 0
    assert scale_model(network(), dropout=0.6).get_layer("hiding").rate == 0.6


def test_another_picture_size_runs() -> None:
    """A network that pools over the picture takes one of another size."""
    small = scale_model(network(), shapes={"picture": (4, 4, 1)})
    answer = small([np.ones((2, 3), np.float32), np.ones((2, 4, 4, 1), np.float32)])
    assert tuple(answer.shape) == (2, 2)


def test_what_was_trained_elsewhere_stays() -> None:
    """A frozen layer keeps its channels and its weights, whatever the width; the others start anew."""
    model = network()
    model.get_layer("known").trainable = False
    wide = scale_model(model, width=2.0)
    kept, own = (each.get_layer("known").get_weights()[0] for each in (wide, model))
    assert (kept == own).all()
    assert not wide.get_layer("known").trainable
    assert wide.get_layer("first").filters == 16


@pytest.mark.parametrize("member", ["eyes", "focus", "defects"])
def test_every_recipe_can_be_resized(member: str) -> None:
    """Half as wide, each network has about a quarter of its parameters and the same classes."""
    from autocull.train.recipes import make_recipe

    model = make_recipe(member).build_network()
    half = scale_model(model, width=0.5)
    assert 0.2 < half.count_params() / model.count_params() < 0.4
    assert half.output_shape == model.output_shape
