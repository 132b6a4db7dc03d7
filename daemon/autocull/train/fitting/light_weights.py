"""Fitting of the weights of counted light and network, for "too dark" and "too bright".

The network learned wrong exposures that were made. Real series of exposures and finished low-key photos show
how far its answer and the counted light (`autocull.measure.defects.count_light`) can be trusted. Few numbers
are fitted, in seconds; the time goes into measuring some hundred photos. No `dev` row is used.

`python -m autocull.train.fitting.light_weights ../shared/data models/defects` measures the training rows of
`GOOD`, `SAMPLED` and `more/series/bracket`, and writes the weights into the model's configuration.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from autocull.arrays import Doubles
from autocull.measure import DefectDetector, count_light
from autocull.read import Photo, Pixels
from autocull.train.data import Row, read_manifest, read_picture
from autocull.train.fitting.export import update_config
from autocull.train.synthesis import LIGHTING_NEGATIVES, add_defects, isp
from autocull.vocabulary import DEFECTS

INPUTS: dict[str, tuple[str, ...]] = {
    "too_dark": ("network", "mean"),
    "too_bright": ("network", "white", "low"),
}
"""What each label's probability is computed from, see `count_light`."""

GOOD: dict[str, tuple[str, ...]] = {
    "more/good/lowkey_fuji": ("good_dark",),
    "more/blur/realblur": ("sharp",),
    "more/blur/cuhk_partial": ("partly_defocused",),
}
"""Folders of good photos with the labels that are used: low key, nights, shallow depth of field."""

SAMPLED: dict[str, int] = {"photos": 240, "scenes": 240}
"""Folders of which only so many good photos are measured."""

EXCLUDED_SOURCES = ("intel_100px",)
"""Sources of `scenes` that are too small for photos."""

SYNTHETIC_COUNT = 80
"""Of how many of the sampled photos faults are made."""

_MIN_SEVERITY, _TRIES = 0.7, 12  # a made fault is milder than this only after so many tries
_PENALTY = 0.3  # of the squared weights on standardised inputs, in units of one sample's loss
_STEPS = 60


class LightSample(NamedTuple):
    """One measured photo: its source, its label ("good" or a label of `INPUTS`), and its light by label."""

    source: str
    label: str
    light: dict[str, dict[str, float]]


def collect_samples(data: Path, models: Path, *, synthetic: int = SYNTHETIC_COUNT) -> list[LightSample]:
    """Measure the training rows named above, and faults made of `synthetic` of the sampled photos."""
    detector = DefectDetector(models)
    return [
        _measure_sample(detector, source, label, pixels)
        for source, label, pixels in _iter_pictures(data, synthetic)
    ]


def fit_light_weights(samples: Sequence[LightSample]) -> dict[str, dict[str, float]]:
    """Return the weights of each label of `INPUTS`, with its "bias", rounded to four digits.

    Good and faulty photos count the same, and so do the sources of each.
    """
    return {label: _fit_label(samples, label, names) for label, names in INPUTS.items()}


def fit_logistic(inputs: Doubles, targets: Doubles, shares: Doubles, penalty: float) -> Doubles:
    """Return the bias and the weights `(1 + d,)` of a logistic on `inputs` `(n, d)`, by Newton's method.

    `shares` `(n,)` are the samples' weights; `penalty` is that of the squared weights on standardised inputs.
    """
    mean, scale = inputs.mean(0), inputs.std(0) + 1e-9
    columns = np.column_stack([np.ones(len(inputs)), (inputs - mean) / scale])
    ridge = np.diag([1e-6, *[penalty] * inputs.shape[1]])
    weights = np.zeros(columns.shape[1])
    for _ in range(_STEPS):
        predicted = expit(columns @ weights)
        gradient = columns.T @ (shares * (predicted - targets)) + ridge @ weights
        curvature = (columns * (shares * predicted * (1 - predicted))[:, None]).T @ columns + ridge
        weights = weights - np.linalg.solve(curvature, gradient)
    slopes = weights[1:] / scale
    return np.concatenate([[weights[0] - slopes @ mean], slopes])


def _fit_label(samples: Sequence[LightSample], label: str, names: tuple[str, ...]) -> dict[str, float]:
    chosen = [sample for sample in samples if sample.label in ("good", label)]
    targets = np.array([float(sample.label == label) for sample in chosen])
    inputs = np.array([[sample.light[label][name] for name in names] for sample in chosen])
    weights = fit_logistic(inputs, targets, _balanced_shares(chosen), _PENALTY)
    return {name: round(float(value), 4) for name, value in zip(("bias", *names), weights, strict=True)}


def _balanced_shares(samples: Sequence[LightSample]) -> NDArray[np.float64]:
    """Return a weight per sample, 1 on average: each label has half, and each of its sources the same."""
    counts = Counter((sample.label, sample.source) for sample in samples)
    sources = Counter(label for label, _ in counts)
    shares = [
        1 / (counts[sample.label, sample.source] * sources[sample.label] * len(sources)) for sample in samples
    ]
    return np.array(shares) * len(samples)


def _iter_pictures(data: Path, synthetic: int) -> Iterator[tuple[str, str, Pixels]]:
    """Yield the source, the label and the pixels of each photo, organic ones first."""
    for row in _training_rows(data / "more/series/bracket"):
        if row.label in ("good", *INPUTS):
            yield row.source, row.label, read_picture(row.path)
    for folder, labels in GOOD.items():
        for row in _training_rows(data / folder):
            if row.label in labels:
                yield row.source, "good", read_picture(row.path)
    for folder, count in SAMPLED.items():
        rows = [row for row in _training_rows(data / folder) if row.source not in EXCLUDED_SOURCES]
        for number, row in enumerate(Random(5).sample(rows, min(count, len(rows)))):
            picture = read_picture(row.path)
            yield folder, "good", picture
            if number < synthetic:
                yield from _make_pictures(picture, number)


def _make_pictures(picture: Pixels, seed: int) -> Iterator[tuple[str, str, Pixels]]:
    """Yield a photo made too dark, made too bright, and with light that is meant to be as it is."""
    rng, linear = np.random.default_rng(seed), isp.to_linear(picture)
    for label in INPUTS:
        for _ in range(_TRIES):
            image = add_defects(linear, [label], rng)
            if image.target[DEFECTS.index(label)] >= _MIN_SEVERITY:
                yield "made", label, image.pixels
                break
    negatives = sorted(LIGHTING_NEGATIVES, key=lambda negative: negative.__name__)
    yield "made", "good", add_defects(negatives[seed % len(negatives)](linear, rng), [], rng).pixels


def _training_rows(folder: Path) -> list[Row]:
    return [row for row in read_manifest(folder / "manifest.csv") if row.split == "train"]


def _measure_sample(detector: DefectDetector, source: str, label: str, pixels: Pixels) -> LightSample:
    photo = Photo.from_pixels(pixels)
    predicted = detector.predict(photo)
    return LightSample(source, label, {name: count_light(photo, predicted[name]) for name in INPUTS})


def main(data: Path, folder: Path) -> None:
    """Fit the weights for the model in `folder`; write them into its configuration, and new checksums."""
    weights = fit_light_weights(collect_samples(data, folder.parent))
    update_config(folder, {"light": weights})


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
