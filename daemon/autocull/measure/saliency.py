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

_REACH = (0.30, 0.34)  # standard deviations of the middle's pull, across and down, in widths and heights
_FLOOR = 0.05  # the pull that is left in the corners: subjects stand there too, if seldom
_ODDITY = 0.6  # how much of a cell's attention comes from its being unlike the picture's border
_COLOUR = 28.0  # levels (0-255): colours nearer than this look alike
_FOCUSED = 3  # the power that narrows attention to the spot that has most of it
_UNLIKE = 1.5  # the power with which a difference from the rim draws the spot
_ALIKE = 0.05  # log-odds: the difference that every cell counts as having
_SHARPER, _SOFTER = 1.0, 2.5  # log-odds: the differences from the rim from which the spot is the subject
_SOFTNESS = 0.3  # log-odds: how gradual that is
_SURE = 0.02  # P: nearer than this to 0 or 1, tiles are taken to be equally sure
_THUMB = 24  # px: the long side at which colours are compared


@dataclass(frozen=True, slots=True)
class Subject:
    """The subject's place, and P(sharp, defocus, motion) `(3,)` of it."""

    box: Box
    answer: NDArray[np.float64]


def attention(working: Pixels, texture: Doubles) -> Doubles:
    """Share out the eye's attention over the cells (sums to 1): the middle, texture, and what is unlike
    the picture's border."""
    rows, columns = texture.shape
    x, y = (np.arange(columns) + 0.5) / columns - 0.5, (np.arange(rows) + 0.5) / rows - 0.5
    pull = np.exp(-np.square(x / _REACH[0])[None, :] / 2 - np.square(y / _REACH[1])[:, None] / 2)
    middle = _FLOOR + (1 - _FLOOR) * pull
    weights = middle * (texture + 0.02) * (1 - _ODDITY + _ODDITY * oddity(working, rows, columns))
    return np.asarray(weights / weights.sum(), np.float64)


def oddity(working: Pixels, rows: int, columns: int) -> Doubles:
    """How unlike the picture's border each cell is in colour: 0 the same, 1 found nowhere on the border."""
    step = max(1, max(working.shape[:2]) // _THUMB)
    top, left = (min(step, side) // 2 for side in working.shape[:2])
    thumb = working[top::step, left::step].astype(np.float32)
    border = np.concatenate([thumb[0], thumb[-1], thumb[1:-1, 0], thumb[1:-1, -1]])
    apart = np.square(thumb[:, :, None] - border) @ np.ones(3, np.float32)
    odd = 1 - np.exp(apart / np.float32(-2 * _COLOUR**2)).mean(2)
    down = np.linspace(0, odd.shape[0], rows, endpoint=False).astype(int)
    across = np.linspace(0, odd.shape[1], columns, endpoint=False).astype(int)
    sums = np.add.reduceat(np.add.reduceat(odd, down, 0), across, 1)
    counts = np.add.reduceat(np.add.reduceat(np.ones_like(odd), down, 0), across, 1)
    return np.asarray(sums / counts, np.float64)


def find_subject(answers: NDArray[np.float64], weights: Doubles) -> Subject:
    """Find the subject from P(sharp, defocus, motion) per cell `(rows, columns, 3)` and the attention there.

    Between a spot that stands out and one that does not, both readings are mixed.
    """
    sharp = answers[..., 0]
    clear = _log_odds(sharp)
    ground = float((_rim(weights) * clear).sum())
    spot = weights**_FOCUSED * (np.abs(clear - ground) + _ALIKE) ** _UNLIKE
    spot /= spot.sum()
    difference = float((spot * clear).sum()) - ground
    needed = _SHARPER if difference > 0 else _SOFTER
    belief = 1 / (1 + np.exp(-(abs(difference) - needed) / _SOFTNESS))
    shares = belief * spot + (1 - belief) * weights
    # A tile on the subject's edge saw both, so the true difference is larger than the one that was measured.
    told = (shares * clear).sum() + belief * difference
    mixed = np.tensordot(shares, answers, 2)
    return Subject(_place(sharp, weights, difference), _with_sharp(mixed, 1 / (1 + np.exp(-told))))


def _log_odds(sharp: Doubles) -> Doubles:
    within = np.clip(sharp, _SURE, 1 - _SURE)
    return np.asarray(np.log(within / (1 - within)), np.float64)


def _rim(weights: Doubles) -> Doubles:
    """Shares (sum 1) of the cells along the border; of all cells where there is no other."""
    rim = np.ones_like(weights)
    rim[1:-1, 1:-1] = 0
    return np.asarray(rim / rim.sum(), np.float64)


def _with_sharp(answer: NDArray[np.float64], sharp: float) -> NDArray[np.float64]:
    """The probabilities with another P(sharp), the rest of them in the proportion they had."""
    rest = float(answer[1:].sum())
    if rest == 0:
        return answer  # nothing is soft, so nothing says in which way it would be
    return np.concatenate([[sharp], (1 - sharp) * (answer[1:] / rest)])


def _place(sharp: Doubles, weights: Doubles, difference: float) -> Box:
    """The rectangle of the subject: of the sharp cells where it stands out so, else of the most attention."""
    worth = weights * (sharp - sharp.mean()) if difference > _SHARPER else weights - weights.mean()
    rows, columns = weights.shape
    top, left, bottom, right = best_rectangle(worth)
    return Box(left / columns, top / rows, right / columns, bottom / rows)


def best_rectangle(worth: Doubles) -> tuple[int, int, int, int]:
    """The rectangle (top, left, bottom, right) of cells whose sum of `worth` is greatest; at least one."""
    rows, columns = worth.shape
    table = np.zeros((rows + 1, columns + 1))
    table[1:, 1:] = worth.cumsum(0).cumsum(1)
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
