"""Heads that never judge what they were trained on: whole shoots are held out, each from one head."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from autocull.arrays import Doubles, Flags, Floats, Integers
from autocull.learn.dataset import Examples
from autocull.taste.heads import Heads

Fit = Callable[[Floats, Floats, Floats, float], Heads]
"""Trains heads, as `autocull.train.fitting.taste_heads.fit_heads`: features, selected, weights, evidence."""

HEADS = 5
"""As many heads, or as there are shoots where those are fewer."""


def folds_of(selected: Flags, shoot: Integers) -> Integers:
    """Give each photo the number of the head that is not to see its shoot: `(n,)`, 0 to at most `HEADS` - 1.

    No shoot is on both sides. Shoots are dealt out by their selects, so that each head misses about as many.
    """
    numbers = np.unique(shoot)
    selects = np.array([int(selected[shoot == number].sum()) for number in numbers])
    sizes = np.array([int((shoot == number).sum()) for number in numbers])
    held = np.zeros((min(HEADS, len(numbers)), 2), dtype=np.int64)
    fold = np.zeros(len(shoot), dtype=np.int64)
    for place in sorted(range(len(numbers)), key=lambda at: (-selects[at], -sizes[at], numbers[at])):
        chosen = min(range(len(held)), key=lambda at: (held[at, 0], held[at, 1], at))
        held[chosen] += selects[place], sizes[place]
        fold[shoot == numbers[place]] = chosen
    return fold


def train(examples: Examples, fold: Integers, fit: Fit) -> Heads:
    """Train one head per fold on all photos outside it, and on their selects as a mirror shows them.

    Selects and rejects weigh the same in sum, however few the selects are.
    """
    seen = np.concatenate([examples.seen, examples.mirrored])
    selected = np.concatenate([examples.selected, examples.selected[examples.of]])
    held_out_by = np.concatenate([fold, fold[examples.of]])
    share = selected.mean()
    weights = np.where(selected, 0.5 / share, 0.5 / (1 - share)).astype(np.float32)
    by_head = weights[:, None] * (held_out_by[:, None] != np.arange(fold.max() + 1))
    yes = int(examples.selected.sum())
    evidence = 4 * yes * (len(examples) - yes) / len(examples)
    return fit(seen, selected.astype(np.float32), by_head.astype(np.float32), evidence)


def judged_blind(heads: Heads, examples: Examples, fold: Integers) -> Doubles:
    """Give each photo's logit by the head that has not seen its shoot: `(n,)`."""
    logits = heads.logits(examples.seen)
    return logits[np.arange(len(fold)), fold].astype(np.float64)
