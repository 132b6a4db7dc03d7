"""Predictions of a taste: calibrated probabilities, and when it may act on them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from autocull.taste.features import extract_features
from autocull.taste.harm_bound import compute_harm_bound
from autocull.taste.profile import Calibration
from support.evidence_builders import MODELS, evidence, face
from support.taste_factories import profile

PHOTO = evidence(faces=(face(0.8),))


def test_prediction_is_the_calibrated_mean_of_the_heads() -> None:
    """Probability, name and limit are those of the profile."""
    taste = profile()
    selection = taste.predict(PHOTO, None, 0.02)
    logit = taste.heads.logits(extract_features(PHOTO, None)[None]).mean()
    assert np.isclose(selection.probability, 1 / (1 + np.exp(-(0.8 * logit - 0.5))))
    assert (selection.profile, selection.acts) == ("Anna", True)
    assert selection.reject_limit == compute_harm_bound(taste.held_out, 0.02).limit > 0


def test_limit_grows_with_the_allowed_share() -> None:
    """A larger share of lost selects rejects more photos."""
    taste = profile()
    limits = [taste.predict(PHOTO, None, share).reject_limit for share in (0.0, 0.02, 0.1, 0.5)]
    assert limits == sorted(limits)
    assert limits[0] == 0
    assert limits[1] < limits[3]


def test_taste_never_acts_on_evidence_of_other_networks() -> None:
    """After an update of a detector the probability is shown and decides nothing."""
    other = replace(PHOTO, models={**MODELS, "focus": "99"})
    assert profile().predict(PHOTO, None, 0.02).acts
    assert not profile().predict(other, None, 0.02).acts


def test_taste_that_was_not_better_never_acts() -> None:
    """Whether it acts was decided when it was learned."""
    assert not profile(acts=False).predict(PHOTO, None, 0.02).acts


def test_no_probability_is_zero() -> None:
    """A limit of 0 rejects nothing, however certain the heads are."""
    probabilities = Calibration(1e6, 0.0).probability(np.array([-1e9, 0.0, 1e9], np.float32))
    assert probabilities[0] > 0
    assert probabilities[1] == 0.5
    assert probabilities[2] == 1
