"""Training in a process of its own: the heads come back, and a process that dies is said."""

from __future__ import annotations

import os
import sys

import numpy as np
import pytest

from autocull.errors import TasteError
from autocull.learn import fit_process
from support.taste_factories import FEATURE_COUNT


def test_heads_are_trained_apart() -> None:
    """TensorFlow is loaded in the child alone, which gives back what it trained."""
    loaded = "tensorflow" in sys.modules
    seen = np.random.default_rng(0).standard_normal((60, FEATURE_COUNT)).astype(np.float32)
    selected = (seen[:, 0] > 0).astype(np.float32)
    heads = fit_process.fit_in_subprocess(seen, selected, np.ones((60, 2), np.float32), 60)
    said = heads.logits(seen).mean(axis=1)
    assert heads.count == 2
    assert said[selected == 1].mean() > said[selected == 0].mean()
    assert ("tensorflow" in sys.modules) == loaded


def _die(*_: object) -> None:
    os._exit(3)


def test_a_process_that_dies_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """No endless wait, no traceback: where to look is said."""
    monkeypatch.setattr(fit_process, "_fit", _die)
    with pytest.raises(TasteError, match="autocull doctor"):
        fit_process.fit_in_subprocess(
            np.zeros((2, FEATURE_COUNT), np.float32), np.zeros(2, np.float32), np.ones((2, 1), np.float32), 2
        )
