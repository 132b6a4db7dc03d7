"""Training a taste's heads: what NumPy computes is what Keras trained, and a head is blind to its fold."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from autocull.taste.heads import Heads, standardise
from autocull.train.fitting import taste_heads as training
from autocull.train.fitting.taste_heads import build_heads_network, fit_heads

RNG = np.random.default_rng(5)
SEEN = RNG.standard_normal((300, 8)).astype(np.float32) * np.float32(3) + np.float32(1)
SELECTED = (SEEN[:, 0] * SEEN[:, 1] + SEEN[:, 2] > 3).astype(np.float32)
EVEN = np.ones((300, 2), np.float32)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Train for a moment."""
    monkeypatch.setattr(training, "_NEWTON_STEPS", 60)
    monkeypatch.setattr(training, "_BATCH", 64)


@pytest.fixture
def trained(quick: None) -> Heads:
    """Two heads, trained for a moment."""
    return fit_heads(SEEN, SELECTED, EVEN, evidence=300)


def test_numpy_gives_what_keras_gives(monkeypatch: pytest.MonkeyPatch) -> None:
    """The forward pass of the product equals that of the trained network, on photos that are far out too."""
    kept = []
    build = training.build_heads_network
    monkeypatch.setattr(
        training, "build_heads_network", lambda *a, **k: kept.append(build(*a, **k)) or kept[0]
    )
    found = fit_heads(SEEN, SELECTED, EVEN, evidence=300)
    far = np.concatenate([SEEN[:40], SEEN[:40] * 50])
    said = kept[0].predict(standardise(far, found.mean, found.scale), verbose=0)[..., 0]
    np.testing.assert_allclose(found.logits(far), said, atol=2e-5)


def test_the_same_decisions_give_the_same_heads(trained: Heads) -> None:
    """Nothing is random but by the seed."""
    again = fit_heads(SEEN, SELECTED, EVEN, evidence=300)
    np.testing.assert_array_equal(again.straight, trained.straight)
    np.testing.assert_array_equal(again.hidden, trained.hidden)


def test_a_head_does_not_see_what_weighs_nothing_for_it() -> None:
    """Photos held out of a head change nothing in it, whatever they were decided."""
    weights = EVEN.copy()
    weights[:100, 0] = 0
    lied = SELECTED.copy()
    lied[:100] = 1 - lied[:100]
    honest, told = (fit_heads(SEEN, truth, weights, evidence=300) for truth in (SELECTED, lied))
    np.testing.assert_allclose(honest.straight[:, 0], told.straight[:, 0], atol=1e-6)
    np.testing.assert_allclose(honest.out[0], told.out[0], atol=1e-6)
    assert np.abs(honest.straight[:, 1] - told.straight[:, 1]).max() > 0.01


def test_it_learns_what_decides(trained: Heads) -> None:
    """Selects get higher logits than rejects."""
    said = trained.logits(SEEN).mean(axis=1)
    assert said[SELECTED == 1].mean() > said[SELECTED == 0].mean() + 0.2


def test_few_decisions_are_held_near_nothing() -> None:
    """The prior weighs the more the less evidence there is."""
    few, many = (fit_heads(SEEN, SELECTED, EVEN, evidence=number) for number in (5, 3000))
    assert np.abs(few.straight).sum() < np.abs(many.straight).sum()


def test_the_network_answers_once_per_head() -> None:
    """Shape and type, for one photo as for many."""
    network = build_heads_network(8, 3, evidence=10)
    for count in (1, 5):
        answer = keras.ops.convert_to_numpy(network(SEEN[:count]))
        assert answer.shape == (count, 3, 1)
        assert answer.dtype == np.float32
