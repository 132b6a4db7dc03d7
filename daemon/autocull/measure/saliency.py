"""Where the subject of a photo is, when no face says so: in the middle, textured, unlike the border.

Attention is shared out over the cells of the grid. The spot is where there is most of it, and most difference
in sharpness from the picture's rim. Where that is slight, the whole picture answers, by attention. Where the
spot stands out, sharper (a shallow field, a panned shot) or, more rarely, softer (missed focus), it alone is
the subject and answers. Sharpness is compared in log-odds: from 0.5 to 0.8 is less than from 0.8 to 0.98.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from autocull.arrays import Doubles
from autocull.read.photo import Box, Pixels

_CENTRE_SPREAD = (
    0.30,
    0.34,
)  # standard deviations of the middle's pull, across and down, in widths and heights
_CORNER_WEIGHT = 0.05  # the pull that is left in the corners: subjects stand there too, if seldom
_BORDER_CONTRAST_WEIGHT = (
    0.6  # how much of a cell's attention comes from its being unlike the picture's border
)
_COLOUR_SIGMA = 28.0  # levels (0-255): colours nearer than this look alike
_ATTENTION_POWER = 3  # the power that narrows attention to the spot that has most of it
_DIFFERENCE_POWER = 1.5  # the power with which a difference from the rim draws the spot
_BASE_DIFFERENCE = 0.05  # log-odds: the difference that every cell counts as having
_SHARPER_THRESHOLD, _SOFTER_THRESHOLD = (
    1.0,
    2.5,
)  # log-odds: the differences from the rim from which the spot is the subject
_THRESHOLD_WIDTH = 0.3  # log-odds: how gradual that is
_MIN_PROBABILITY = 0.02  # P: nearer than this to 0 or 1, tiles are taken to be equally sure
_THUMB_SIDE = 24  # px: the long side at which colours are compared


@dataclass(frozen=True, slots=True)
class Subject:
    """The subject's place, and P(sharp, defocus, motion) `(3,)` of it."""

    box: Box
    prediction: NDArray[np.float64]


def compute_attention(working: Pixels, texture: Doubles) -> Doubles:
    """Share out the eye's attention over the cells (sums to 1): the middle, texture, and what is unlike
    the picture's border."""
    rows, columns = texture.shape
    x, y = (np.arange(columns) + 0.5) / columns - 0.5, (np.arange(rows) + 0.5) / rows - 0.5
    centre_bias = np.exp(
        -np.square(x / _CENTRE_SPREAD[0])[None, :] / 2 - np.square(y / _CENTRE_SPREAD[1])[:, None] / 2
    )
    centre_weights = _CORNER_WEIGHT + (1 - _CORNER_WEIGHT) * centre_bias
    weights = (
        centre_weights
        * (texture + 0.02)
        * (1 - _BORDER_CONTRAST_WEIGHT + _BORDER_CONTRAST_WEIGHT * border_contrast(working, rows, columns))
    )
    return np.asarray(weights / weights.sum(), np.float64)


def border_contrast(working: Pixels, rows: int, columns: int) -> Doubles:
    """How unlike the picture's border each cell is in colour: 0 the same, 1 found nowhere on the border."""
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
    """Find the subject from P(sharp, defocus, motion) per cell `(rows, columns, 3)` and the attention there.

    Between a spot that stands out and one that does not, both readings are mixed.
    """
    sharp = predictions[..., 0]
    log_odds = _log_odds(sharp)
    rim_level = float((_rim_shares(weights) * log_odds).sum())
    spot = weights**_ATTENTION_POWER * (np.abs(log_odds - rim_level) + _BASE_DIFFERENCE) ** _DIFFERENCE_POWER
    spot /= spot.sum()
    difference = float((spot * log_odds).sum()) - rim_level
    threshold = _SHARPER_THRESHOLD if difference > 0 else _SOFTER_THRESHOLD
    confidence = 1 / (1 + np.exp(-(abs(difference) - threshold) / _THRESHOLD_WIDTH))
    mixed_weights = confidence * spot + (1 - confidence) * weights
    # A tile on the subject's edge saw both, so the true difference is larger than the one that was measured.
    sharp_logit = (mixed_weights * log_odds).sum() + confidence * difference
    mean_prediction = np.tensordot(mixed_weights, predictions, 2)
    return Subject(
        _subject_box(sharp, weights, difference),
        _replace_sharp(mean_prediction, 1 / (1 + np.exp(-sharp_logit))),
    )


def _log_odds(sharp: Doubles) -> Doubles:
    clipped = np.clip(sharp, _MIN_PROBABILITY, 1 - _MIN_PROBABILITY)
    return np.asarray(np.log(clipped / (1 - clipped)), np.float64)


def _rim_shares(weights: Doubles) -> Doubles:
    """Shares (sum 1) of the cells along the border; of all cells where there is no other."""
    rim = np.ones_like(weights)
    rim[1:-1, 1:-1] = 0
    return np.asarray(rim / rim.sum(), np.float64)


def _replace_sharp(prediction: NDArray[np.float64], sharp: float) -> NDArray[np.float64]:
    """The probabilities with another P(sharp), the rest of them in the proportion they had."""
    rest = float(prediction[1:].sum())
    if rest == 0:
        return prediction  # nothing is soft, so nothing says in which way it would be
    return np.concatenate([[sharp], (1 - sharp) * (prediction[1:] / rest)])


def _subject_box(sharp: Doubles, weights: Doubles, difference: float) -> Box:
    """The rectangle of the subject: of the sharp cells where it stands out so, else of the most attention."""
    scores = weights * (sharp - sharp.mean()) if difference > _SHARPER_THRESHOLD else weights - weights.mean()
    rows, columns = weights.shape
    top, left, bottom, right = find_best_rectangle(scores)
    return Box(left / columns, top / rows, right / columns, bottom / rows)


def find_best_rectangle(scores: Doubles) -> tuple[int, int, int, int]:
    """The rectangle (top, left, bottom, right) of cells whose sum of `scores` is greatest; at least one."""
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
