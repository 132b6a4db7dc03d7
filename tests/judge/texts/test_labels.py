"""Labels: which are given, which are not sure, and in which order."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autocull.judge import PROFILES, top_labels
from autocull.judge.texts.labels import (
    DEFECT_NAMES,
    LABEL_ANSWER_TEXTS,
    Label,
    category_labels,
    category_name,
    defect_labels,
    labels_to_show,
    limit_of_defect,
)
from autocull.vocabulary import CATEGORIES, DEFECTS
from support.baseline_rules import LIMITS
from support.evidence_builders import evidence


def defect(code: str, chance: float) -> Label:
    """Return the label of one defect of this probability."""
    labels = defect_labels(evidence(defects={code: chance}), LIMITS)
    return next(label for label in labels if label.code == code)


@pytest.mark.parametrize(
    ("chance", "answer"), [(0.99, "yes"), (0.85, "yes"), (0.84, "not_sure"), (0.16, "not_sure"), (0.14, "no")]
)
def test_a_defect_is_excluded_only_as_surely_as_it_is_given(chance: float, answer: str) -> None:
    """Noise is given from 85 % on, and excluded up to 15 %; between, it is not sure."""
    label = defect("noise", chance)
    assert (label.answer, label.limit, label.name) == (answer, 0.85, "Noise")


@pytest.mark.parametrize(
    ("people", "other", "answer"),
    [(0.7, 0.2, ("yes", "no")), (0.49, 0.4, ("not_sure", "not_sure")), (0.5, 0.5, ("yes", "yes"))],
)
def test_one_category_given_excludes_the_others(people: float, other: float, answer: tuple[str, str]) -> None:
    """Where none reaches its limit, none is excluded either."""
    chances = {**dict.fromkeys(CATEGORIES, 0.0), "people": people, "food": other}
    labels = {label.code: label.answer for label in category_labels(evidence(category=chances), LIMITS)}
    assert (labels["people"], labels["food"]) == answer


def test_the_five_likeliest_of_both_kinds_come_in_order() -> None:
    """Defects and categories are in one list; a sixth is not shown."""
    photo = evidence(
        defects={"noise": 0.9, "defocus": 0.3},
        category={**dict.fromkeys(CATEGORIES, 0.0), "food": 0.6, "other": 0.25, "animals": 0.15},
    )
    top = top_labels(photo, LIMITS)
    assert [label.code for label in top] == ["noise", "food", "defocus", "other", "animals"]
    assert [label.kind for label in top] == ["defect", "category", "defect", "category", "category"]
    assert [label.answer for label in top] == ["yes", "yes", "no", "no", "no"]


@given(st.lists(st.floats(0, 1), min_size=7, max_size=7), st.integers(1, 14))
def test_the_list_is_the_top_of_all_labels(chances: list[float], count: int) -> None:
    """Whatever was measured, nothing outside the list is likelier than anything in it."""
    photo = evidence(defects=dict(zip(DEFECTS, chances, strict=True)))
    every = [*photo.defects.values(), *photo.category.values()]
    assert [label.chance for label in top_labels(photo, LIMITS, count)] == sorted(every)[::-1][:count]


@pytest.mark.parametrize("profile", PROFILES)
def test_the_limit_of_a_defect_is_a_setting(profile: str) -> None:
    """The judge's own limits are used, in every profile: none is written twice."""
    settings = PROFILES[profile]
    assert limit_of_defect("too_dark", settings) == settings.dark_doubt
    assert limit_of_defect("too_bright", settings) == settings.bright_doubt
    assert limit_of_defect("defocus", settings) == settings.focus_second_min
    assert {code: limit_of_defect(code, settings) for code in DEFECTS}.keys() == DEFECT_NAMES.keys()


def test_an_unknown_defect_has_no_limit() -> None:
    """A label without a limit is a bug, not a guess."""
    with pytest.raises(KeyError):
        limit_of_defect("boredom", LIMITS)


def test_the_likeliest_category_and_the_worst_defects_are_shown() -> None:
    """A defect far beyond its own limit comes before a likelier one that is not near its own."""
    shown = labels_to_show(evidence(defects={"defocus": 0.55, "noise": 0.6, "too_dark": 0.99}), LIMITS)
    assert [label.code for label in shown] == ["landscape", "too_dark", "defocus"]


def test_names_are_readable() -> None:
    """No label has its code's underscore, and every answer has a text."""
    assert category_name("architecture_city") == "Architecture, city"
    assert category_name("food") == "Food"
    assert LABEL_ANSWER_TEXTS["not_sure"] == "not sure"
    assert not [label for label in top_labels(evidence(), LIMITS, 14) if "_" in label.name]
