"""Fitting in a child process: the heads are returned, and a dying process raises an error."""

from __future__ import annotations

import os
import sys

import numpy as np
import pytest

from autocull.arrays import Floats
from autocull.errors import TasteError
from autocull.learn.fit_process import fit_in_subprocess
from autocull.taste.heads import Heads
from support.taste_factories import FEATURE_COUNT


def test_heads_are_trained_in_a_child_process() -> None:
    """TensorFlow is loaded in the child only, which returns the trained heads."""
    loaded = "tensorflow" in sys.modules
    features = np.random.default_rng(0).standard_normal((60, FEATURE_COUNT)).astype(np.float32)
    selected = (features[:, 0] > 0).astype(np.float32)
    heads = fit_in_subprocess(features, selected, np.ones((60, 2), np.float32), 60)
    logits = heads.logits(features).mean(axis=1)
    assert heads.count == 2
    assert logits[selected == 1].mean() > logits[selected == 0].mean()
    assert ("tensorflow" in sys.modules) == loaded


def die(features: Floats, selected: Floats, weights: Floats, evidence: float) -> Heads:
    """End the process at once, as a crash in TensorFlow does."""
    os._exit(3)


def test_dying_process_raises_an_error() -> None:
    """The error names the command to run; nothing waits forever."""
    features, selected = np.zeros((2, FEATURE_COUNT), np.float32), np.zeros(2, np.float32)
    with pytest.raises(TasteError, match="autocull doctor"):
        fit_in_subprocess(features, selected, np.ones((2, 1), np.float32), 2, die)
