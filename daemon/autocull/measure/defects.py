"""The defect detector: probabilities of wrong exposure, blur, lens flare, JPEG artifacts and noise."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
from PIL import Image

from autocull.arrays import Floats
from autocull.measure.artifact_features import (
    GRAIN_COUNT,
    SMEAR_COUNT,
    block_features,
    grain_features,
    smear_features,
)
from autocull.measure.evidence import Exposure
from autocull.measure.exposure import luma_histogram, measure_exposure, measure_white
from autocull.measure.models import Detector
from autocull.measure.network_io import log_odds, scale_pixels, sigmoid
from autocull.measure.tiles import crop_tile, make_grid, measure_texture, to_grey
from autocull.read import Photo, Pixels

DEFECT_PREPROCESSING: dict[str, Any] = {
    "view": 144,
    "patch": 96,
    "rich": 3,
    "plain": 2,
    "cells": 12,
    "light_bins": 32,
    "period": 8,
}
"""Preprocessing of a newly trained defects network, stored in its `config.json`.

The network has three inputs: the whole picture as `view` x `view` pixels; `rich` + `plain` patches of `patch`
px at the reference scale, those with the most and the least texture among `cells` (noise and JPEG artifacts
show in plain regions, blur in textured ones; all vanish in a small view); and `extract_features`: the
histogram of the luma in `light_bins` bins, the measured exposure, and the features of motion, noise and JPEG
blocks (of `period` pixels) in the tiles of all cells.
"""

_MAX_LOG_ODDS = 6.0  # the network is never surer than this: its extremes say nothing more
# Ramps of the subject's luma, from 0 to 1: the middle, and the steepness there.
_PALE_REGION, _PALE_FACE, _BURNT_FACE = (0.55, 25.0), (0.83, 40.0), (0.08, 60.0)
_UNLIT_FACE, _BLACK_FACE, _BRIGHT_BEHIND = (-0.30, 25.0), (-0.16, 80.0), (0.70, 40.0)
_LOG2_RANGE = 6.0  # the histogram's shares enter as log2, from 0 (all pixels) down to 2**-6 of an even share


def prepare_defect_inputs(features: Floats, patches: Pixels, view: Pixels) -> tuple[Floats, Floats, Floats]:
    """Convert the output of `extract_inputs` into the network's inputs, without a batch axis, in their order.

    Returns `features` unchanged, the patches as one strip `(patches * patch, patch, 3)`, and the view
    `(view, view, 3)`, both in -1 to 1.
    """
    return features, scale_pixels(patches.reshape(-1, *patches.shape[2:])), scale_pixels(view)


def light_features(working: Pixels, bins: int) -> Floats:
    """Compute the luma's histogram `(bins + 2,)`; its four darkest and four brightest levels come last.

    Each share is the log2 of itself over an even share, scaled to between -1 (nearly none) and about 1.
    """
    shares = luma_histogram(working)
    bin_shares = np.concatenate([shares.reshape(bins, -1).sum(1), [shares[:4].sum(), shares[-4:].sum()]])
    scaled: Floats = (np.log2(np.maximum(bin_shares * bins, 2**-_LOG2_RANGE)) / _LOG2_RANGE).astype(
        np.float32
    )
    return scaled


def exposure_features(exposure: Exposure) -> Floats:
    """Return the measured exposure as five numbers from -1 to 1: percentiles and clipped shares."""
    values = (
        exposure.low,
        exposure.median,
        exposure.high,
        exposure.clipped_dark**0.5,
        exposure.clipped_bright**0.5,
    )
    return np.array(values, np.float32) * 2 - 1


def extract_features(
    photo: Photo, tiles: Pixels, patches: Pixels, preprocessing: Mapping[str, Any]
) -> Floats:
    """Compute all hand-crafted features of a photo and its tiles, in one row.

    The order: `light_features`, `exposure_features`, `smear_features`, `grain_features`, and `block_features`
    of the patches.
    """
    return np.concatenate(
        [
            light_features(photo.working, preprocessing["light_bins"]),
            exposure_features(measure_exposure(photo)),
            smear_features(tiles),
            grain_features(tiles),
            block_features(patches, preprocessing["period"]),
        ]
    )


def count_features(preprocessing: Mapping[str, Any]) -> int:
    """Return the number of features of `extract_features`."""
    return (
        int(preprocessing["light_bins"])
        + 2
        + 5
        + SMEAR_COUNT
        + GRAIN_COUNT
        + 2 * int(preprocessing["period"])
    )


def extract_inputs(
    photo: Photo, preprocessing: Mapping[str, Any] = DEFECT_PREPROCESSING
) -> tuple[Floats, Pixels, Pixels]:
    """Extract from `photo` what the network takes as input: the features, the patches, and the small view."""
    side, patch = preprocessing["view"], preprocessing["patch"]
    image = Image.fromarray(photo.working)
    view = np.asarray(image.resize((side, side), Image.Resampling.BOX, reducing_gap=1.0))
    boxes = make_grid(photo, patch, preprocessing["cells"]).boxes
    tiles = np.stack([crop_tile(photo, box, patch) for box in boxes])
    patches = tiles[
        pick_tiles(measure_texture(to_grey(tiles)), preprocessing["rich"], preprocessing["plain"])
    ]
    return extract_features(photo, tiles, patches, preprocessing), patches, view


def pick_tiles(richness: Floats, rich: int, plain: int) -> list[int]:
    """Return the indices of the tiles with the most, then the least texture, repeated if there are few."""
    order = np.argsort(-richness, kind="stable")
    richest = [int(order[index % len(order)]) for index in range(rich)]
    return richest + [int(order[-1 - index % len(order)]) for index in range(plain)]


def count_light(photo: Photo, probability: float) -> dict[str, float]:
    """Return what the probability of a wrong exposure is weighed with, by name.

    The network's log-odds, the mean and the 5th percentile of the luma (0-1), and the square root of the
    share of pixels with a burnt-out channel (0-1).
    """
    return {"network": _sureness(probability)} | _count_picture(photo)


def _count_picture(photo: Photo) -> dict[str, float]:
    """Return what `count_light` counts in the picture itself."""
    shares = luma_histogram(photo.working)
    return {
        "mean": float(shares @ np.arange(256)) / 255,
        "low": int(np.searchsorted(np.cumsum(shares), 0.05)) / 255,
        "white": measure_white(photo.working) ** 0.5,
    }


def _sureness(probability: float) -> float:
    """Return the network's log-odds, limited on both sides."""
    return float(np.clip(log_odds(probability), -_MAX_LOG_ODDS, _MAX_LOG_ODDS))


def weigh_light(
    photo: Photo, predicted: Mapping[str, float], weights: Mapping[str, Mapping[str, float]]
) -> dict[str, float]:
    """Return P (0-1) of each label that has `weights`: a logistic of `count_light`, and of its "bias".

    The network learned from made faults, and trusts darkness on purpose too much and black frames too little.
    `autocull.train.fitting.light_weights` fits the weights.
    """
    if not weights:
        return {}
    counted = _count_picture(photo)
    return {
        label: float(
            sigmoid(_weighted_sum({"network": _sureness(predicted[label])} | counted, label_weights))
        )
        for label, label_weights in weights.items()
    }


def weigh_subject(probabilities: Mapping[str, float], exposure: Exposure) -> dict[str, float]:
    """Return P (0-1) of too dark and too bright, given the subject's light: it decides.

    A picture is too bright where its subject is burnt out besides, and too dark where its face is not lit. A
    black face in front of a bright background is too dark, whatever the rest is.
    """
    subject = exposure.subject
    dark, bright = (probabilities[label] for label in ("too_dark", "too_bright"))
    if subject is None:
        return {}
    if not subject.is_face:
        return {"too_bright": bright * _ramp(subject.median, *_PALE_REGION)}
    burnt = max(_ramp(subject.median, *_PALE_FACE), _ramp(subject.white, *_BURNT_FACE))
    backlit = _ramp(-subject.high, *_BLACK_FACE) * _ramp(exposure.high, *_BRIGHT_BEHIND)
    return {
        "too_dark": max(dark * _ramp(-subject.median, *_UNLIT_FACE), backlit),
        "too_bright": bright * burnt,
    }


def _ramp(value: float, middle: float, steepness: float) -> float:
    return float(sigmoid(steepness * (value - middle)))


def _weighted_sum(values: Mapping[str, float], weights: Mapping[str, float]) -> float:
    return weights["bias"] + sum(weight * values[name] for name, weight in weights.items() if name != "bias")


class DefectDetector(Detector):
    """Measures the probability (0-1) of each of the `DEFECTS`; it rises with the severity of the defect."""

    name: ClassVar[str] = "defects"

    def measure(
        self,
        photo: Photo,
        exposure: Exposure | None = None,
        predicted: Mapping[str, float] | None = None,
    ) -> dict[str, float]:
        """Measure the photo's defects; raises ModelError if the model is not usable.

        The `exposure` shows the light of the subject; without it, that of the whole picture decides.
        `predicted` is the result of `predict`, where it was called before.
        """
        predicted = dict(self.predict(photo) if predicted is None else predicted)
        weighed = predicted | weigh_light(photo, predicted, self._model.config.get("light", {}))
        return weighed if exposure is None else weighed | weigh_subject(weighed, exposure)

    def predict(self, photo: Photo) -> dict[str, float]:
        """Return the network's own probability (0-1) of each label, before the light is weighed."""
        inputs = prepare_defect_inputs(*extract_inputs(photo, self._model.config["preprocessing"]))
        output = self._network(*(array[None] for array in inputs))[0][0]
        return dict(zip(self._model.classes, map(float, output), strict=True))
