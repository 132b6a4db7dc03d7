"""Cross-validation by shoots: each shoot is held out from exactly one head."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from autocull.arrays import Doubles, Flags, Floats, Integers
from autocull.learn.dataset import TasteExamples
from autocull.taste import Heads

FitFunction = Callable[[Floats, Floats, Floats, float], Heads]
"""Trains heads from features, selected, weights and evidence, as `head_fitting.fit_heads`."""

MAX_HEADS = 5
"""Number of heads; with fewer shoots, one per shoot."""


def assign_folds(selected: Flags, shoot: Integers) -> Integers:
    """Return each photo's fold `(n,)`, 0 to `MAX_HEADS` - 1: the number of the head not trained on it.

    All photos of a shoot are in one fold. The folds are balanced by the number of selects, then by size.
    """
    numbers = np.unique(shoot)
    selects = np.array([int(selected[shoot == number].sum()) for number in numbers])
    sizes = np.array([int((shoot == number).sum()) for number in numbers])
    fold_totals = np.zeros((min(MAX_HEADS, len(numbers)), 2), dtype=np.int64)
    fold = np.zeros(len(shoot), dtype=np.int64)
    for index in sorted(range(len(numbers)), key=lambda i: (-selects[i], -sizes[i], numbers[i])):
        target_fold = min(range(len(fold_totals)), key=lambda i: (fold_totals[i, 0], fold_totals[i, 1], i))
        fold_totals[target_fold] += selects[index], sizes[index]
        fold[shoot == numbers[index]] = target_fold
    return fold


def train_heads(examples: TasteExamples, fold: Integers, fit: FitFunction) -> Heads:
    """Train one head per fold on all photos outside it, and on the mirrored copies of their selects.

    Selects and rejects have equal total weight, however few the selects are.
    """
    features = np.concatenate([examples.features, examples.mirrored_features])
    selected = np.concatenate([examples.selected, examples.selected[examples.mirrored_index]])
    held_out_fold = np.concatenate([fold, fold[examples.mirrored_index]])
    share = selected.mean()
    weights = np.where(selected, 0.5 / share, 0.5 / (1 - share)).astype(np.float32)
    head_weights = weights[:, None] * (held_out_fold[:, None] != np.arange(fold.max() + 1))
    selects = int(examples.selected.sum())
    evidence = 4 * selects * (len(examples) - selects) / len(examples)
    return fit(features, selected.astype(np.float32), head_weights.astype(np.float32), evidence)


def predict_out_of_fold(heads: Heads, examples: TasteExamples, fold: Integers) -> Doubles:
    """Return out-of-fold logits `(n,)`: each photo's from the head that was not trained on its shoot."""
    logits = heads.logits(examples.features)
    return logits[np.arange(len(fold)), fold].astype(np.float64)
