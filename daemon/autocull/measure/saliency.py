"""Saliency: finds the subject of a photo without a prominent face: central, textured, unlike the border.

Attention weights the cells of the grid, by a centre bias, height, texture, a boundary prior (what differs
from the picture's border in colour is foreground) and a learned aim: where photographers focused on such
content. The spot combines attention with the difference in
sharpness from the border. If that difference is small, the mean of the whole picture, weighted by attention,
is the result.
If the spot stands out, sharper (a shallow depth of field, a panned shot) or, more rarely, softer (missed
focus), it alone is the subject. Sharpness is compared in log-odds: from 0.5 to 0.8 is less than from 0.8 to
0.98.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from autocull.arrays import Doubles, Floats
from autocull.measure.network_io import sigmoid
from autocull.read import Box, Pixels

_CENTRE_SPREAD = (0.30, 0.34)  # standard deviations of the centre bias, in widths and heights
_CORNER_WEIGHT = 0.05  # minimum of the centre bias: subjects in the corners are rare
_LOWER_WEIGHT = 1.0  # exponent from the top to the bottom: subjects are rather low, backgrounds high
_BORDER_CONTRAST_WEIGHT = 0.6  # share of the boundary prior in a cell's attention
_AIM_WEIGHT = 2.0  # exponent of the learned aim, which is in log-odds of being sharp
_COLOUR_SIGMA = 28.0  # levels (0-255): scale of colour distances
_ATTENTION_POWER = 3  # exponent that concentrates the spot where attention is highest
_DIFFERENCE_POWER = 1.5  # exponent of the difference from the border in the spot
_BASE_DIFFERENCE = 0.05  # log-odds: added to every cell's difference
_SHARPER_THRESHOLD, _SOFTER_THRESHOLD = 1.0, 2.5  # log-odds: from this difference on, the spot is the subject
_THRESHOLD_WIDTH = 0.3  # log-odds: width of the transition at the thresholds
_MIN_PROBABILITY = 0.02  # probabilities are clipped to this distance from 0 and 1
_THUMB_SIDE = 24  # px: the long side at which colours are compared


@dataclass(frozen=True, slots=True)
class Subject:
    """The subject's box, and its P(sharp, defocus, motion) `(3,)`."""

    box: Box
    prediction: NDArray[np.float64]


def compute_attention(working: Pixels, texture: Doubles, aim: Doubles | None = None) -> Doubles:
    """Compute the attention weights of the cells (sum 1): centre bias, height, texture and boundary prior.

    `aim` (`find_aim`), of the same shape, says where a photographer would focus.
    """
    rows, columns = texture.shape
    x, y = (np.arange(columns) + 0.5) / columns - 0.5, (np.arange(rows) + 0.5) / rows - 0.5
    centre_bias = np.exp(
        -np.square(x / _CENTRE_SPREAD[0])[None, :] / 2 - np.square(y / _CENTRE_SPREAD[1])[:, None] / 2
    )
    centre_weights = _CORNER_WEIGHT + (1 - _CORNER_WEIGHT) * centre_bias
    weights = (
        centre_weights
        * np.exp(_LOWER_WEIGHT * y)[:, None]
        * (texture + 0.02)
        * (1 - _BORDER_CONTRAST_WEIGHT + _BORDER_CONTRAST_WEIGHT * border_contrast(working, rows, columns))
    )
    if aim is not None:
        weights = weights * np.exp(_AIM_WEIGHT * aim)
    return np.asarray(weights / weights.sum(), np.float64)


def find_aim(maps: Sequence[Floats], weights: Floats, boxes: Sequence[Box]) -> Doubles:
    """Compute where a photographer would focus, at the centres of `boxes`: `(n,)` log-odds up to a constant.

    It is a linear function, with `weights` `(channels,)`, of the features of the whole picture: `maps`
    `(h, w, channels)` of several resolutions, interpolated, their channels one after another.
    """
    x = np.array([(box.x0 + box.x1) / 2 for box in boxes])
    y = np.array([(box.y0 + box.y1) / 2 for box in boxes])
    parts = np.split(weights, np.cumsum([each.shape[-1] for each in maps])[:-1])
    values = [interpolate_map(each @ part, x, y) for each, part in zip(maps, parts, strict=True)]
    return np.asarray(np.sum(values, axis=0), np.float64)


def interpolate_map(values: Floats, x: Doubles, y: Doubles) -> Doubles:
    """Interpolate a map `(h, w)` or `(h, w, channels)` at points (fractions) `(n,)`; its rim is continued."""
    rows, columns = values.shape[:2]
    down, across = (y * rows - 0.5).clip(0, rows - 1), (x * columns - 0.5).clip(0, columns - 1)
    top, left = (np.floor(each).astype(int) for each in (down, across))
    bottom, right = np.minimum(top + 1, rows - 1), np.minimum(left + 1, columns - 1)
    extra = (...,) + (None,) * (values.ndim - 2)
    down_share, across_share = (down - top)[extra], (across - left)[extra]
    upper = values[top, left] * (1 - across_share) + values[top, right] * across_share
    lower = values[bottom, left] * (1 - across_share) + values[bottom, right] * across_share
    return np.asarray(upper * (1 - down_share) + lower * down_share, np.float64)


def find_sharpest_tenth(sharp: Doubles, weights: Doubles) -> float:
    """Return the P(sharp) that a tenth of the attention `weights` (sum 1) reaches."""
    order = sharp.ravel().argsort()
    reached = weights.ravel()[order].cumsum() >= 0.9 - 1e-9
    return float(sharp.ravel()[order[reached.argmax()]])


def border_contrast(working: Pixels, rows: int, columns: int) -> Doubles:
    """Compute how far each cell's colours differ from the border's: 0 the same, 1 nowhere on the border."""
    step = max(1, max(working.shape[:2]) // _THUMB_SIDE)
    top, left = (min(step, side) // 2 for side in working.shape[:2])
    thumb = working[top::step, left::step].astype(np.float32)
    border = np.concatenate([thumb[0], thumb[-1], thumb[1:-1, 0], thumb[1:-1, -1]])
    distances = np.square(thumb[:, :, None] - border) @ np.ones(3, np.float32)
    contrast = 1 - np.exp(distances / np.float32(-2 * _COLOUR_SIGMA**2)).mean(2)
    row_starts = np.linspace(0, contrast.shape[0], rows, endpoint=False).astype(int)
    column_starts = np.linspace(0, contrast.shape[1], columns, endpoint=False).astype(int)
    sums = np.add.reduceat(np.add.reduceat(contrast, row_starts, 0), column_starts, 1)
    counts = np.add.reduceat(np.add.reduceat(np.ones_like(contrast), row_starts, 0), column_starts, 1)
    return np.asarray(sums / counts, np.float64)


def find_subject(predictions: NDArray[np.float64], weights: Doubles) -> Subject:
    """Find the subject from P(sharp, defocus, motion) `(rows, columns, 3)` and attention of the cells.

    Near the thresholds, the results with and without a distinct spot are blended.
    """
    sharp = predictions[..., 0]
    log_odds = _log_odds(sharp)
    rim_level = float((_rim_shares(weights) * log_odds).sum())
    spot = weights**_ATTENTION_POWER * (np.abs(log_odds - rim_level) + _BASE_DIFFERENCE) ** _DIFFERENCE_POWER
    spot /= spot.sum()
    difference = float((spot * log_odds).sum()) - rim_level
    threshold = _SHARPER_THRESHOLD if difference > 0 else _SOFTER_THRESHOLD
    confidence = float(sigmoid((abs(difference) - threshold) / _THRESHOLD_WIDTH))
    mixed_weights = confidence * spot + (1 - confidence) * weights
    # Tiles on the subject's edge hold both, so the true difference is larger than the measured one.
    sharp_logit = (mixed_weights * log_odds).sum() + confidence * difference
    mean_prediction = np.tensordot(mixed_weights, predictions, 2)
    return Subject(
        _subject_box(sharp, weights, difference),
        replace_sharp(mean_prediction, float(sigmoid(sharp_logit))),
    )


def _log_odds(sharp: Doubles) -> Doubles:
    clipped = np.clip(sharp, _MIN_PROBABILITY, 1 - _MIN_PROBABILITY)
    return np.asarray(np.log(clipped / (1 - clipped)), np.float64)


def _rim_shares(weights: Doubles) -> Doubles:
    """Return equal weights (sum 1) for the cells along the border; for all cells if there are no others."""
    rim = np.ones_like(weights)
    rim[1:-1, 1:-1] = 0
    return np.asarray(rim / rim.sum(), np.float64)


def replace_sharp(prediction: NDArray[np.float64], sharp: float) -> NDArray[np.float64]:
    """Return the probabilities with another P(sharp); the others keep their proportion."""
    rest = float(prediction[1:].sum())
    if rest == 0:
        return prediction  # the others have no proportion
    return np.concatenate([[sharp], (1 - sharp) * (prediction[1:] / rest)])


def _subject_box(sharp: Doubles, weights: Doubles, difference: float) -> Box:
    """Return the subject's rectangle: of the sharp cells if it is sharper, else of the highest attention."""
    scores = weights * (sharp - sharp.mean()) if difference > _SHARPER_THRESHOLD else weights - weights.mean()
    rows, columns = weights.shape
    top, left, bottom, right = find_best_rectangle(scores)
    return Box(left / columns, top / rows, right / columns, bottom / rows)


def find_best_rectangle(scores: Doubles) -> tuple[int, int, int, int]:
    """Return the rectangle (top, left, bottom, right), at least one cell, with the largest sum of scores."""
    rows, columns = scores.shape
    table = np.zeros((rows + 1, columns + 1))
    table[1:, 1:] = scores.cumsum(0).cumsum(1)
    tops, bottoms = np.triu_indices(rows + 1, 1)
    lefts, rights = np.triu_indices(columns + 1, 1)
    sums = (
        table[np.ix_(bottoms, rights)]
        - table[np.ix_(tops, rights)]
        - table[np.ix_(bottoms, lefts)]
        + table[np.ix_(tops, lefts)]
    )
    y, x = divmod(int(sums.argmax()), sums.shape[1])
    return int(tops[y]), int(lefts[x]), int(bottoms[y]), int(rights[x])
