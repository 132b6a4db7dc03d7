"""Export of a trained Keras model to a model folder: fp16 LiteRT weights, configuration, checksums."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from contextlib import redirect_stdout
from functools import partial
from io import StringIO
from pathlib import Path
from typing import Any

import keras
import numpy as np

from autocull.atomic_write import atomic_write, retry_while_locked, temporary_path
from autocull.errors import ModelError
from autocull.measure import AIM, CHECKSUMS, WEIGHTS, Network
from autocull.train.recipes import Recipe, Sample

KERAS_WEIGHTS = "model.keras"
LARGEST_DIFFERENCE = 1e-2
"""The largest allowed difference between the converted and the trained network, in probability."""

LARGEST_KERAS_FILE = 8 * 2**20
"""The largest Keras file that is shipped, in bytes."""


def inference_model(model: Any, recipe: Recipe, temperature: float) -> Any:
    """Append temperature and softmax or sigmoid to the logits, so that the network returns probabilities."""
    scaled = keras.layers.Rescaling(1.0 / temperature)(model.outputs[0])
    activation = "softmax" if recipe.answer == "one_of" else "sigmoid"
    return keras.Model(model.inputs, keras.layers.Activation(activation)(scaled), name=recipe.name)


def to_litert(model: Any) -> bytes:
    """Convert to LiteRT with weights in half precision; requires the TensorFlow backend."""
    import tensorflow as tf

    converter = tf.lite.TFLiteConverter.from_keras_model(model)
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.target_spec.supported_types = [tf.float16]
    with redirect_stdout(StringIO()):  # it prints every tensor of the model
        return bytes(converter.convert())


def expose_maps(weights: bytes, channels: Sequence[int]) -> bytes:
    """Let a LiteRT network return, after its outputs, the last map of each number of channels.

    So other detectors use the features of one network, without a copy of its weights. Raises ValueError where
    the network has no such map.
    """
    from tensorflow.lite.tools import flatbuffer_utils

    model = flatbuffer_utils.convert_bytearray_to_object(bytearray(weights))
    graph = model.subgraphs[0]
    computed = [output for operator in graph.operators for output in operator.outputs]
    for count in channels:
        maps = [index for index in computed if _has_batch(graph.tensors[index], rank=4, channels=count)]
        if not maps:
            raise ValueError(f"The network has no map of {count} channels.")
        graph.outputs = [*graph.outputs, maps[-1]]
    return bytes(flatbuffer_utils.convert_object_to_bytearray(model))


def _has_batch(tensor: Any, *, rank: int, channels: int) -> bool:
    """Whether a tensor has that rank and number of channels, and any number of samples."""
    signature = tensor.shapeSignature  # None where the shape is fixed, as that of weights is
    return signature is not None and len(signature) == rank and signature[-1] == channels


def measure_difference(weights: bytes, model: Any, samples: Sequence[Sample]) -> float:
    """Return the largest difference between the LiteRT network and the Keras model over the samples."""
    network = Network(weights)
    worst = 0.0
    for sample in samples:
        inputs = [array[None] for array in sample.inputs]
        expected = model.predict_on_batch(inputs[0] if len(inputs) == 1 else inputs)
        worst = max(worst, float(np.abs(network(*inputs)[0] - expected).max()))
    return worst


def write_model(
    folder: Path, model: Any, inference: Any, config: dict[str, Any], samples: Sequence[Sample]
) -> float:
    """Write the weights of the network `inference` and `config.json`; returns the difference LiteRT to Keras.

    With `maps` in its preprocessing, the network returns these maps, too (`expose_maps`).

    The Keras file (`model`: logits, no optimizer) is written where it is small enough to ship. Raises
    ModelError, before anything is written, where the two differ by more than LARGEST_DIFFERENCE.
    """
    weights = to_litert(inference)
    if maps := config.get("preprocessing", {}).get("maps"):
        weights = expose_maps(weights, maps)
    worst = measure_difference(weights, inference, samples)
    if worst > LARGEST_DIFFERENCE:
        raise ModelError(
            folder / WEIGHTS,
            f"The converted network differs from the trained one by {worst:.3f}; nothing was written. "
            "Train again, or use only layers that LiteRT supports well.",
        )
    folder.mkdir(parents=True, exist_ok=True)
    logits_model = keras.Model(model.inputs, model.outputs, name=config["name"])
    with atomic_write(folder / WEIGHTS) as weights_file, atomic_write(folder / "config.json") as config_file:
        weights_file.write(weights)
        config_file.write((json.dumps(config, indent=2) + "\n").encode())
        _save_keras(logits_model, folder / KERAS_WEIGHTS)  # where this fails, all files stay as they were
    return worst


def _save_keras(model: Any, path: Path) -> None:
    """Save the model atomically, or remove the file where the model is larger than LARGEST_KERAS_FILE."""
    temporary = temporary_path(path).with_suffix(path.suffix)  # Keras insists on the suffix
    try:
        model.save(temporary)
        if temporary.stat().st_size > LARGEST_KERAS_FILE:
            path.unlink(missing_ok=True)
        else:
            retry_while_locked(partial(temporary.replace, path))
    finally:
        temporary.unlink(missing_ok=True)


def write_checksums(folder: Path) -> None:
    """Write the checksums of the model's files in the format of `sha256sum`; the last step of an export.

    The card is left out, since it may be edited by hand.
    """
    names = [name for name in (WEIGHTS, KERAS_WEIGHTS, "config.json", AIM) if (folder / name).is_file()]
    lines = [f"{hashlib.sha256((folder / name).read_bytes()).hexdigest()}  {name}\n" for name in names]
    with atomic_write(folder / CHECKSUMS) as file:
        file.write("".join(lines).encode())


def update_config(folder: Path, changes: Mapping[str, Any]) -> None:
    """Replace values of a model's configuration by name, and write new checksums."""
    path = folder / "config.json"
    config = json.loads(path.read_text("utf-8")) | dict(changes)
    with atomic_write(path) as file:
        file.write((json.dumps(config, indent=2) + "\n").encode())
    write_checksums(folder)
