"""Fitting of the last layer's answer for lens flare, on the frozen features of the defects network.

The network learned flares with shapes in them; it misses the bare disc of light that strays in from a source
beside the frame. A logistic on all its pooled features, fitted to discs, to the flares of the training, and
to captures with other defects, finds both. The weights of the other labels stay as they are.

`python -m autocull.train.fitting.flare_head ../shared/data models/defects` fits the training rows of
`photos`, and writes weights, configuration and checksums.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import keras
import numpy as np
from scipy.special import expit

from autocull.arrays import Doubles, Floats, Rng
from autocull.measure import extract_inputs, prepare_defect_inputs
from autocull.read import Photo, Pixels
from autocull.train.data import Row, read_manifest, read_picture
from autocull.train.fitting.export import KERAS_WEIGHTS, inference_model, write_checksums, write_model
from autocull.train.recipes import DefectsRecipe, Sample, recapture
from autocull.train.synthesis import FLARE_RAMP, add_defects, isp, render_disc, render_flare, sample_scene
from autocull.vocabulary import DEFECTS

EVERY = 3
"""Of so many training photos one is used."""

FLARE = DEFECTS.index("lens_flare")

_PENALTY = 5.0  # of the squared weights on standardised features, in units of one sample's loss
_STEPS = 30
_BATCH = 16


class FlareSample(NamedTuple):
    """A picture and the severity (0-1) of its flare."""

    pixels: Pixels
    severity: float


def make_flare_samples(picture: Pixels, rng: Rng) -> Iterator[FlareSample]:
    """Yield a photo as it is, two with a disc, one with another flare, and captures of other defects.

    Burnt-out captures are among them: light that is everywhere is no flare.
    """
    linear = isp.to_linear(picture)
    yield FlareSample(picture, 0.0)
    for _ in range(2):
        yield _with_light(linear, add_disc(linear, rng))
    height, width = linear.shape[:2]
    flare = render_flare(height, width, float(rng.uniform(0.3, 1)), rng)
    yield _with_light(linear, isp.to_encoded(linear + flare))
    capture = recapture(picture, rng)
    yield FlareSample(capture.pixels, float(capture.target[FLARE]))
    yield FlareSample(add_defects(linear, ["too_bright"], rng).pixels, 0.0)
    brighter = isp.to_encoded(linear) + np.float32(rng.uniform(0.1, 0.7))
    yield FlareSample(isp.to_pixels(np.clip(brighter, 0, 1)), 0.0)


def add_disc(linear: Floats, rng: Rng) -> Floats:
    """Return the encoded picture with a disc of stray light: added to the light, or screened over it.

    Lenses add; the second is how drawn flares are laid over pictures.
    """
    height, width = linear.shape[:2]
    disc = render_disc(sample_scene(height, width, rng), rng)
    if rng.random() < 0.5:
        return isp.to_encoded(linear + disc * np.float32(rng.uniform(0.3, 1.2)))
    return np.asarray(1 - (1 - isp.to_encoded(linear)) * (1 - disc), np.float32)


def fit_soft_logistic(features: Doubles, targets: Doubles) -> Doubles:
    """Return bias and weights `(1 + d,)` of a logistic on `features` `(n, d)` for `targets` (0-1) `(n,)`."""
    mean, scale = features.mean(0), features.std(0) + 1e-6
    columns = np.column_stack([np.ones(len(features)), (features - mean) / scale])
    ridge = np.diag([1e-6, *[_PENALTY] * features.shape[1]])
    weights = np.zeros(columns.shape[1])
    for _ in range(_STEPS):
        predicted = expit(columns @ weights)
        gradient = columns.T @ (predicted - targets) + ridge @ weights
        curvature = (columns * (predicted * (1 - predicted))[:, None]).T @ columns + ridge
        weights = weights - np.linalg.solve(curvature, gradient)
    slopes = weights[1:] / scale
    return np.concatenate([[weights[0] - slopes @ mean], slopes])


def replace_flare(model: Any, weights: Doubles) -> Any:
    """Return the network with other `weights` (bias first) of flare on the pooled features."""
    network = DefectsRecipe().build_network()
    for layer, trained in zip(network.layers[:-2], _layers_below(model), strict=True):
        layer.set_weights(trained.get_weights())
    kernel, bias = (np.array(values) for values in model.layers[-1].get_weights())
    hidden = network.layers[-3].units
    wide = np.zeros((hidden + len(weights) - 1, len(DEFECTS)), np.float32)
    wide[: len(kernel)] = kernel
    wide[:, FLARE] = np.concatenate([np.zeros(hidden), weights[1:]])
    bias[FLARE] = weights[0]
    network.layers[-1].set_weights([wide, bias])
    return network


def _layers_below(model: Any) -> list[Any]:
    """Return the layers below the logits, without the one that joins hidden units and features, if any."""
    joins = isinstance(model.layers[-2], keras.layers.Concatenate)
    return list(model.layers[: -2 if joins else -1])


def _pooled_features(model: Any) -> Any:
    """Return the network from the inputs to the pooled features, which the hidden units take."""
    below = _layers_below(model)
    joined = [layer for layer in below if isinstance(layer, keras.layers.Concatenate)]
    return keras.Model(model.inputs, joined[-1].output)


def _with_light(linear: Floats, encoded: Floats) -> FlareSample:
    change = float(np.abs(encoded - isp.to_encoded(linear)).mean())
    low, high = FLARE_RAMP
    return FlareSample(isp.to_pixels(encoded), float(np.clip((change - low) / (high - low), 0, 1)))


def _training_rows(data: Path) -> list[Row]:
    rows = read_manifest(data / "photos" / "manifest.csv")
    return [row for row in rows if row.split == "train"][::EVERY]


def collect_samples(data: Path, encoder: Any) -> tuple[Doubles, Doubles, list[Sample]]:
    """Return features `(n, d)` and severities `(n,)` of the training rows, and the inputs of a few."""
    features, severities, kept = list[Floats](), list[float](), list[Sample]()
    for number, row in enumerate(_training_rows(data)):
        samples = list(make_flare_samples(read_picture(row.path), np.random.default_rng([number, FLARE])))
        inputs = [prepare_defect_inputs(*extract_inputs(Photo.from_pixels(each.pixels))) for each in samples]
        batch = [np.stack(arrays) for arrays in zip(*inputs, strict=True)]
        features.append(np.asarray(encoder.predict_on_batch(batch)))
        severities += [each.severity for each in samples]
        if len(kept) < _BATCH:
            kept.append(Sample(inputs[1], np.zeros(len(DEFECTS), np.float32)))
    return np.concatenate(features).astype(np.float64), np.array(severities), kept


def main(data: Path, folder: Path) -> None:
    """Fit the weights for the model in `folder`, and write it."""
    model = keras.models.load_model(folder / KERAS_WEIGHTS, compile=False)
    features, severities, samples = collect_samples(data, _pooled_features(model))
    network = replace_flare(model, fit_soft_logistic(features, severities))
    recipe = DefectsRecipe()
    config = json.loads((folder / "config.json").read_text("utf-8"))
    config |= {"version": recipe.version, "architecture": recipe.architecture}
    write_model(folder, network, inference_model(network, recipe, config["temperature"]), config, samples)
    write_checksums(folder)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
