"""Copies of a recipe's network with another width, dropout rate or picture size."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import keras
from keras import layers


def scale_model(
    model: Any,
    *,
    width: float = 1.0,
    dropout: float | None = None,
    shapes: Mapping[str, tuple[int, ...]] | None = None,
) -> Any:
    """Build an untrained copy of `model` with every layer's channels times `width`, at least 1.

    The last layer keeps its units, which are the classes; frozen (pretrained) layers keep their channels and
    weights. `dropout` replaces the rate of every dropout layer; `shapes` gives inputs by name another shape,
    without the batch axis. `model` is not changed.
    """
    last_name = model.layers[-1].name

    def clone_layer(layer: Any) -> Any:
        config = layer.get_config()
        for key in ("filters", "units"):
            if key in config and layer.name != last_name and layer.trainable:
                config[key] = max(1, round(config[key] * width))
        if dropout is not None and isinstance(layer, layers.Dropout):
            config["rate"] = dropout
        return layer.__class__.from_config(config)

    inputs = [_make_input(tensor, shapes or {}) for tensor in model.inputs]
    input_tensors = inputs if isinstance(model.input, list) else inputs[0]
    clone = keras.models.clone_model(model, input_tensors=input_tensors, clone_function=clone_layer)
    for source_layer, layer in zip(model.layers, clone.layers, strict=True):
        if not source_layer.trainable:
            layer.set_weights(source_layer.get_weights())
    return clone


def _make_input(tensor: Any, shapes: Mapping[str, tuple[int, ...]]) -> Any:
    return keras.Input(shapes.get(tensor.name, tuple(tensor.shape[1:])), name=tensor.name)
