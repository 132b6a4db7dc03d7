"""What a lesson says to the photographer: each sentence follows the figures."""

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
def lesson() -> TrainedTaste:
    """Somebody whose taste is clear, in 3,000 decisions."""
    return train_taste(examples(3000, 40, clear=4.0), "Anna", origin(), fit_least_squares)


def test_all_is_said_in_one_message(lesson: TrainedTaste) -> None:
    """From how much, whether it acts, what it picks, what it promises."""
    said = format_message(lesson, Settings())
    for part in (
        "Anna was learned from 1,000 decisions",
        "so it acts",
        "are your selects",
        "With 90% confidence",
    ):
        assert part in said


def test_why_it_does_not_act_is_said(lesson: TrainedTaste) -> None:
    """The figures, and how many shoots could be compared."""
    even = Estimate(0.5, 0.4, 0.6)
    lost = Comparison(even, even, Estimate(0.0, -0.1, 0.1), 12)
    assert "decides nothing" in format_activation(replace(lesson, comparison=lost))
    assert "-0.10 to +0.10, 12 shoots" in format_activation(replace(lesson, comparison=lost))


def test_picks_are_counted_on_held_out_shoots(lesson: TrainedTaste) -> None:
    """At the limit or above, and how many of them rightly; none is said as well."""
    picked, right = count_picks(lesson, 0.8)
    assert picked == (lesson.oof_probability >= 0.8).sum() > right > picked / 2
    assert (
        format_picks(lesson, 0.8)
        == f"{picked:,} of them reached 0.8, from which on a photo is picked: {right:,} are your selects."
    )
    assert "None of them" in format_picks(lesson, 1.0)


@pytest.mark.parametrize(("share", "needed"), [(0.02, 114), (0.1, 22), (0.5, 4), (0.0, 0), (1.0, 0)])
def test_how_many_selects_a_promise_needs(share: float, needed: int) -> None:
    """As the bound says; none where nothing, or all, may be lost."""
    assert count_selects_needed(share, 0.9) == needed


def test_the_settings_move_what_is_told(lesson: TrainedTaste) -> None:
    """select_loss moves the promise, select_min the picks."""

    def told(**changes: float) -> dict[str, object]:
        lecture = LearnRequest("Anna", Settings.model_validate(changes))
        return learned_to_json(lesson, lecture, DecisionSet("decisions"))

    before = told()
    assert told(select_loss=0.1)["promised"] != before["promised"]
    assert told(select_min=0.5)["figures"] != before["figures"]
    rejected = float((lesson.oof_probability <= before["promised"]["limit"]).mean())  # type: ignore[index]
    assert before["promised"]["rejected"] == rejected > 0.1  # type: ignore[index]
    assert np.isfinite(list(before["figures"].values())).all()  # type: ignore[union-attr]
