"""A taste says how likely she selects a photo, and never acts on what it does not know."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from autocull.taste.features import extract_features
from autocull.taste.harm_bound import compute_harm_bound
from autocull.taste.profile import Calibration
from support.evidence_builders import MODELS, evidence, face
from support.taste_factories import profile

PHOTO = evidence(faces=(face(0.8),))


def test_a_selection_is_the_calibrated_mean_of_the_heads() -> None:
    """Probability, name and limit are those of the profile."""
    made = profile()
    said = made.predict(PHOTO, None, 0.02)
    logit = made.heads.logits(extract_features(PHOTO, None)[None]).mean()
    assert np.isclose(said.probability, 1 / (1 + np.exp(-(0.8 * logit - 0.5))))
    assert (said.profile, said.acts) == ("Anna", True)
    assert said.reject_limit == compute_harm_bound(made.held_out, 0.02).limit > 0


def test_the_share_that_may_be_lost_moves_the_limit() -> None:
    """Who allows more harm gets more rejected."""
    made = profile()
    limits = [made.predict(PHOTO, None, share).reject_limit for share in (0.0, 0.02, 0.1, 0.5)]
    assert limits == sorted(limits)
    assert limits[0] == 0
    assert limits[1] < limits[3]


def test_it_never_acts_on_measurements_by_other_networks() -> None:
    """After an update of a member the probability is shown, and decides nothing."""
    other = replace(PHOTO, models={**MODELS, "focus": "99"})
    assert profile().predict(PHOTO, None, 0.02).acts
    assert not profile().predict(other, None, 0.02).acts


def test_one_that_did_not_win_only_shows() -> None:
    """Whether it acts was decided when it was learned."""
    assert not profile(acts=False).predict(PHOTO, None, 0.02).acts


def test_no_probability_is_nothing() -> None:
    """A limit of 0 rejects nothing, however sure the heads are."""
    sure = Calibration(1e6, 0.0).probability(np.array([-1e9, 0.0, 1e9], np.float32))
    assert sure[0] > 0
    assert sure[1] == 0.5
    assert sure[2] == 1
