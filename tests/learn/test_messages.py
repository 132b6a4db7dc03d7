"""Messages about a trained taste: each sentence follows from the metrics and the settings."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from autocull.judge import Settings
from autocull.learn.decisions import DecisionSet
from autocull.learn.json_result import learned_to_json
from autocull.learn.messages import count_picks, format_activation, format_message, format_picks
from autocull.learn.training import LearnRequest, TrainedTaste, train_taste
from autocull.stats.ranking import Comparison, Estimate
from autocull.taste.summary import count_selects_needed
from support.taste_factories import examples, fit_least_squares, origin


@pytest.fixture(scope="module")
def trained() -> TrainedTaste:
    """Train a clear taste on 3,000 decisions."""
    return train_taste(examples(3000, 40, clear=4.0), "Anna", origin(), fit_least_squares)


def test_message_contains_every_sentence(trained: TrainedTaste) -> None:
    """Decisions, whether it acts, picks, harm bound."""
    message = format_message(trained, Settings())
    for part in (
        "Anna was learned from 1,000 decisions",
        "so it acts",
        "of them are your selects",
        "With 90% confidence",
    ):
        assert part in message


def test_message_explains_why_a_taste_does_not_act(trained: TrainedTaste) -> None:
    """With the interval of the lead and the number of shoots compared."""
    even = Estimate(0.5, 0.4, 0.6)
    not_better = Comparison(even, even, Estimate(0.0, -0.1, 0.1), 12)
    assert "decides nothing" in format_activation(replace(trained, comparison=not_better))
    assert "-0.10 to +0.10, 12 shoots" in format_activation(replace(trained, comparison=not_better))


def test_picks_are_counted_out_of_fold(trained: TrainedTaste) -> None:
    """At the limit or above, with the number of selects among them; or that there are none."""
    picked, correct = count_picks(trained, 0.8)
    assert picked == (trained.oof_probability >= 0.8).sum() > correct > picked / 2
    assert (
        format_picks(trained, 0.8)
        == f"{picked:,} of these photos reach 0.8, the probability from which a photo is picked: "
        f"{correct:,} of them are your selects."
    )
    assert "None of these photos" in format_picks(trained, 1.0)


@pytest.mark.parametrize(("share", "needed"), [(0.02, 114), (0.1, 22), (0.5, 4), (0.0, 0), (1.0, 0)])
def test_number_of_selects_that_a_harm_bound_needs(share: float, needed: int) -> None:
    """By the exact binomial bound; 0 where no loss, or any loss, is allowed."""
    assert count_selects_needed(share, 0.9) == needed


def test_settings_change_the_result(trained: TrainedTaste) -> None:
    """`select_loss` changes the harm bound, `select_min` the picks."""

    def result(**changes: float) -> dict[str, object]:
        request = LearnRequest("Anna", Settings.model_validate(changes))
        return learned_to_json(trained, request, DecisionSet("decisions"))

    before = result()
    assert result(select_loss=0.1)["promised"] != before["promised"]
    assert result(select_min=0.5)["figures"] != before["figures"]
    rejected = float((trained.oof_probability <= before["promised"]["limit"]).mean())  # type: ignore[index]
    assert before["promised"]["rejected"] == rejected > 0.1  # type: ignore[index]
    assert np.isfinite(list(before["figures"].values())).all()  # type: ignore[union-attr]
