"""Harm bound: up to which probability a taste may reject, for an allowed share of lost selects.

Conformal risk control (Angelopoulos, Bates, Fisch, Lei, Schuster 2022, arXiv:2208.02814) in the form that
holds with a stated confidence (Bates, Angelopoulos, Lei, Malik, Jordan 2021, arXiv:2101.02703): the largest
limit for which the share of lost selects, measured on held-out shoots, has an upper confidence bound (Clopper
and Pearson 1934) of at most the allowed share. The mean of the same bound is the expected share of conformal
risk control, (lost + 1) / (selects + 1), which is therefore within the allowed share too.

Selects of one shoot are similar, so that n of them hold less information than n of different shoots. They
count as n / (1 + (m - 1) x correlation), where m is the size of the shoot of a select (Kish 1965). The
correlation is that of being among the lowest tenth of the selects, within shoots.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import floor, nextafter

import numpy as np
from numpy.typing import NDArray

from autocull.stats import largest_count_within

CONFIDENCE = 0.9
"""Share (0-1) of photographers for whom the harm bound holds."""

REJECT_NOTHING = 0.0
"""Limit that rejects nothing: probabilities are above 0."""

_LOW_QUANTILE = 0.1
"""Share (0-1) of selects that counts as low: limits are among the lowest, so their correlation decides."""


@dataclass(frozen=True, slots=True)
class HarmBound:
    """Limit for one allowed share of lost selects, and what it is based on.

    `limit` is the probability up to which a photo is rejected, 0 if none may be. Of the `selects` in held-out
    shoots, which count as `effective` independent ones, `lost` are at or below it. With `confidence` (0-1)
    at most `share` (0-1) of the selects of further shoots are rejected, on average at most `expected` (0-1).
    """

    limit: float
    share: float
    confidence: float
    expected: float
    selects: int
    effective: float
    lost: int


def compute_harm_bound(
    held_out: Sequence[Sequence[float]], share: float, confidence: float = CONFIDENCE
) -> HarmBound:
    """Return the largest limit for an allowed `share`, from the probabilities of selects, one row per shoot.

    The probabilities are out-of-fold: of heads that were not trained on the shoot.
    """
    groups = [np.asarray(shoot, dtype=np.float64) for shoot in held_out if len(shoot)]
    selects = sum(map(len, groups))
    effective = effective_sample_size(groups)
    allowed = largest_count_within(share, floor(effective), confidence)
    if allowed < 0:
        return HarmBound(REJECT_NOTHING, share, confidence, 0.0, selects, effective, 0)
    ordered = np.sort(np.concatenate(groups))
    first_kept = min(floor(allowed / effective * selects), selects - 1)
    limit = nextafter(float(ordered[first_kept]), 0.0)
    lost = int((ordered <= limit).sum())
    expected = (lost / selects * effective + 1) / (effective + 1)
    return HarmBound(limit, share, confidence, expected, selects, effective, lost)


def effective_sample_size(groups: Sequence[NDArray[np.float64]]) -> float:
    """Return the number of independent selects that these are worth: all of them if shoots do not matter."""
    if not groups:
        return 0.0
    sizes = np.array([len(group) for group in groups], dtype=np.float64)
    low = np.quantile(np.concatenate(groups), _LOW_QUANTILE)
    correlation = _intraclass_correlation([(group <= low).astype(np.float64) for group in groups])
    typical_size = float((sizes**2).sum() / sizes.sum())
    return float(sizes.sum() / (1 + (typical_size - 1) * correlation))


def _intraclass_correlation(groups: Sequence[NDArray[np.float64]]) -> float:
    """Estimate the correlation (0-1) of two values of one group, by analysis of variance."""
    count, total = len(groups), sum(map(len, groups))
    if count < 2:
        return 1.0
    if count == total:
        return 0.0
    means = np.array([group.mean() for group in groups])
    sizes = np.array([len(group) for group in groups], dtype=np.float64)
    grand_mean = (means * sizes).sum() / total
    between = (sizes * (means - grand_mean) ** 2).sum() / (count - 1)
    within = sum(float(((group - mean) ** 2).sum()) for group, mean in zip(groups, means, strict=True))
    within /= total - count
    typical_size = (total - (sizes**2).sum() / total) / (count - 1)
    spread = between + (typical_size - 1) * within
    return float(np.clip((between - within) / spread, 0, 1)) if spread > 0 else 0.0
