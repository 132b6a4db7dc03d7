"""Training of a taste's heads: NumPy computes what Keras trained, and a head does not depend on its fold."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from autocull.taste.heads import Heads, standardise
from autocull.train.fitting import taste_heads
from autocull.train.fitting.taste_heads import build_heads_network, fit_heads

RNG = np.random.default_rng(5)
FEATURES = RNG.standard_normal((300, 8)).astype(np.float32) * np.float32(3) + np.float32(1)
SELECTED = (FEATURES[:, 0] * FEATURES[:, 1] + FEATURES[:, 2] > 3).astype(np.float32)
EVEN = np.ones((300, 2), np.float32)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Train with few small steps."""
    monkeypatch.setattr(taste_heads, "STEPS", 60)
    monkeypatch.setattr(taste_heads, "BATCH", 64)


@pytest.fixture
def trained(quick: None) -> Heads:
    """Return two briefly trained heads."""
    return fit_heads(FEATURES, SELECTED, EVEN, evidence=300)


def test_numpy_and_keras_give_the_same_logits(monkeypatch: pytest.MonkeyPatch) -> None:
    """For outliers too."""
    networks = []
    monkeypatch.setattr(
        taste_heads,
        "build_heads_network",
        lambda *args, **kwargs: networks.append(build_heads_network(*args, **kwargs)) or networks[0],
    )
    heads = fit_heads(FEATURES, SELECTED, EVEN, evidence=300)
    features = np.concatenate([FEATURES[:40], FEATURES[:40] * 50])
    logits = networks[0].predict(standardise(features, heads.mean, heads.scale), verbose=0)[..., 0]
    np.testing.assert_allclose(heads.logits(features), logits, atol=2e-5)


def test_same_decisions_give_the_same_heads(trained: Heads) -> None:
    """All random choices depend on the seed."""
    again = fit_heads(FEATURES, SELECTED, EVEN, evidence=300)
    np.testing.assert_array_equal(again.straight, trained.straight)
    np.testing.assert_array_equal(again.hidden, trained.hidden)


def test_samples_with_weight_zero_do_not_affect_a_head() -> None:
    """Whatever was decided on them."""
    weights = EVEN.copy()
    weights[:100, 0] = 0
    flipped = SELECTED.copy()
    flipped[:100] = 1 - flipped[:100]
    first, second = (fit_heads(FEATURES, each, weights, evidence=300) for each in (SELECTED, flipped))
    np.testing.assert_allclose(first.straight[:, 0], second.straight[:, 0], atol=1e-6)
    np.testing.assert_allclose(first.out[0], second.out[0], atol=1e-6)
    assert np.abs(first.straight[:, 1] - second.straight[:, 1]).max() > 0.01


def test_selects_get_higher_logits(trained: Heads) -> None:
    """By more than 0.2 on average."""
    logits = trained.logits(FEATURES).mean(axis=1)
    assert logits[SELECTED == 1].mean() > logits[SELECTED == 0].mean() + 0.2


def test_weights_shrink_with_little_evidence() -> None:
    """The prior dominates where there is little evidence."""
    few, many = (fit_heads(FEATURES, SELECTED, EVEN, evidence=number) for number in (5, 3000))
    assert np.abs(few.straight).sum() < np.abs(many.straight).sum()


def test_network_has_one_output_per_head() -> None:
    """Shape and type, for one photo as for many."""
    network = build_heads_network(8, 3, evidence=10)
    for count in (1, 5):
        output = keras.ops.convert_to_numpy(network(FEATURES[:count]))
        assert output.shape == (count, 3, 1)
        assert output.dtype == np.float32
