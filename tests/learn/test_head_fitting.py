"""Fitting of a taste's heads: right gradients, the same result each time, and folds that do not mix."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from autocull.arrays import Doubles
from autocull.learn import head_fitting
from autocull.learn.head_fitting import compute_gradients, fit_heads
from autocull.taste.heads import Heads, standardise

RNG = np.random.default_rng(5)
FEATURES = RNG.standard_normal((300, 8)).astype(np.float32) * np.float32(3) + np.float32(1)
SELECTED = (FEATURES[:, 0] * FEATURES[:, 1] + FEATURES[:, 2] > 3).astype(np.float32)
EVEN = np.ones((300, 2), np.float32)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Train with few small steps."""
    monkeypatch.setattr(head_fitting, "STEPS", 60)
    monkeypatch.setattr(head_fitting, "BATCH", 64)


@pytest.fixture
def trained(quick: None) -> Heads:
    """Return two briefly trained heads."""
    return fit_heads(FEATURES, SELECTED, EVEN, 300)


def cross_entropy(arrays: dict[str, Doubles], inputs: Doubles) -> float:
    """Return the weighted cross-entropy of the heads `arrays`, computed by `Heads` in another way."""
    casts = {name: array.astype(np.float64) for name, array in arrays.items()}
    zero, one = np.zeros(8), np.ones(8)
    logits = Heads(zero, one, **casts).logits(inputs).astype(np.float64)  # type: ignore[arg-type]
    losses = np.logaddexp(0, logits) - SELECTED[:, None] * logits
    return float((losses * EVEN).mean())


@pytest.mark.parametrize("name", ["straight", "hidden", "hidden_bias", "out", "bias"])
def test_gradients_equal_finite_differences(name: str) -> None:
    """In a random direction, for each array."""
    shapes = {"straight": (8, 2), "hidden": (8, 2, 6), "hidden_bias": (2, 6), "out": (2, 6), "bias": (2,)}
    rng = np.random.default_rng(1)
    arrays = {each: 0.3 * rng.standard_normal(shape) for each, shape in shapes.items()}
    inputs = standardise(FEATURES, FEATURES.mean(axis=0), FEATURES.std(axis=0)).astype(np.float64)
    direction = rng.standard_normal(shapes[name])
    gradient = float((compute_gradients(arrays, inputs, SELECTED, EVEN)[name] * direction).sum())
    step = 1e-2
    higher, lower = (
        cross_entropy({**arrays, name: arrays[name] + sign * step * direction}, inputs) for sign in (1, -1)
    )
    assert gradient == pytest.approx((higher - lower) / (2 * step), rel=2e-2, abs=1e-4)


def test_heads_separate_what_is_separable() -> None:
    """An interaction of two features: the hidden units order them far better than the linear part alone."""
    heads = fit_heads(FEATURES, SELECTED, EVEN, 30_000)
    linear = replace(heads, out=np.zeros_like(heads.out))

    def right_order(scored: Heads) -> float:
        logits = scored.logits(FEATURES).mean(axis=1)
        return float((logits[SELECTED == 1][:, None] > logits[SELECTED == 0][None, :]).mean())

    assert right_order(heads) > 0.97
    assert right_order(linear) < 0.8


def test_same_decisions_give_the_same_heads(trained: Heads) -> None:
    """All random choices depend on the seed."""
    again = fit_heads(FEATURES, SELECTED, EVEN, 300)
    np.testing.assert_array_equal(again.straight, trained.straight)
    np.testing.assert_array_equal(again.hidden, trained.hidden)


def test_samples_with_weight_zero_do_not_affect_a_head(quick: None) -> None:
    """Whatever was decided on them."""
    weights = EVEN.copy()
    weights[:100, 0] = 0
    flipped = SELECTED.copy()
    flipped[:100] = 1 - flipped[:100]
    first, second = (fit_heads(FEATURES, each, weights, 300) for each in (SELECTED, flipped))
    np.testing.assert_allclose(first.straight[:, 0], second.straight[:, 0], atol=1e-6)
    np.testing.assert_allclose(first.out[0], second.out[0], atol=1e-6)
    assert np.abs(first.straight[:, 1] - second.straight[:, 1]).max() > 0.01


def test_selects_get_higher_logits(trained: Heads) -> None:
    """By more than 0.2 on average."""
    logits = trained.logits(FEATURES).mean(axis=1)
    assert logits[SELECTED == 1].mean() > logits[SELECTED == 0].mean() + 0.2


def test_weights_shrink_with_little_evidence(quick: None) -> None:
    """The prior dominates where there is little evidence."""
    few, many = (fit_heads(FEATURES, SELECTED, EVEN, number) for number in (5, 3000))
    assert np.abs(few.straight).sum() < np.abs(many.straight).sum()


def test_result_is_in_single_precision(trained: Heads) -> None:
    """As profiles store it."""
    assert {trained.straight.dtype, trained.hidden.dtype, trained.bias.dtype} == {np.dtype(np.float32)}
    assert trained.hidden.shape == (8, 2, head_fitting.WIDTH)


def test_fitting_loads_no_tensorflow() -> None:
    """Neither TensorFlow nor Keras, SciPy or scikit-learn: a photographer's installation has none of them."""
    code = (
        "import sys, numpy as np; from autocull.learn import fit_heads;"
        "fit_heads(np.eye(8, dtype='f4'), np.ones(8, 'f4'), np.ones((8, 2), 'f4'), 8);"
        "print({'tensorflow', 'keras', 'scipy', 'sklearn'} & set(sys.modules))"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "set()"
