"""From a trained Keras model to a member's folder: fp16 LiteRT weights, configuration, checksums."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

import keras
import numpy as np

from autocull.errors import ModelError
from autocull.measure.models import CHECKSUMS, WEIGHTS, Network
from autocull.train.recipes.base import Recipe, Sample

KERAS_WEIGHTS = "model.keras"
LARGEST_DIFFERENCE = 1e-2
"""How far the served network may answer from the trained one, in probability."""

_LARGEST_KERAS_FILE = 8 * 2**20


def inference_model(model: Any, recipe: Recipe, temperature: float) -> Any:
    """Put temperature and softmax or sigmoid behind the logits: the network answers in probabilities."""
    scaled = keras.layers.Rescaling(1.0 / temperature)(model.outputs[0])
    activation = "softmax" if recipe.answer == "one_of" else "sigmoid"
    return keras.Model(model.inputs, keras.layers.Activation(activation)(scaled), name=recipe.name)


def to_litert(model: Any) -> bytes:
    """Convert to LiteRT with weights in half precision; needs the TensorFlow backend."""
    import tensorflow as tf

    converter = tf.lite.TFLiteConverter.from_keras_model(model)
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.target_spec.supported_types = [tf.float16]
    with redirect_stdout(StringIO()):  # it prints every tensor of the model
        return bytes(converter.convert())


def measure_difference(weights: bytes, model: Any, samples: Sequence[Sample]) -> float:
    """Measure how far the LiteRT network answers from the Keras model at most, over the samples."""
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
    """Write the weights of the network `inference` and `config.json`; returns how far LiteRT is from Keras.

    The Keras file (`model`: logits, no optimizer) is written where it is small enough to ship. Raises
    ModelError, before anything is written, where the two differ by more than LARGEST_DIFFERENCE.
    """
    weights = to_litert(inference)
    worst = measure_difference(weights, inference, samples)
    if worst > LARGEST_DIFFERENCE:
        raise ModelError(
            folder / WEIGHTS,
            f"The converted network answers {worst:.3f} away from the trained one; nothing was written. "
            "Train again, or with fewer exotic layers.",
        )
    folder.mkdir(parents=True, exist_ok=True)
    (folder / WEIGHTS).write_bytes(weights)
    keras_path = folder / KERAS_WEIGHTS
    keras.Model(model.inputs, model.outputs, name=config["name"]).save(keras_path)
    if keras_path.stat().st_size > _LARGEST_KERAS_FILE:
        keras_path.unlink()
    (folder / "config.json").write_text(json.dumps(config, indent=2) + "\n", "utf-8")
    return worst


def write_checksums(folder: Path) -> None:
    """Write the checksums of what is served, in the format of `sha256sum`; the last step of an export.

    The card is left out: a person may write into it.
    """
    names = [name for name in (WEIGHTS, KERAS_WEIGHTS, "config.json") if (folder / name).is_file()]
    lines = [f"{hashlib.sha256((folder / name).read_bytes()).hexdigest()}  {name}\n" for name in names]
    (folder / CHECKSUMS).write_text("".join(lines), "utf-8")
