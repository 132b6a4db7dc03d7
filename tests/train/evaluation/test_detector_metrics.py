"""Counting: figures follow from answers alone, each member by its own rules."""

from __future__ import annotations

import pytest

from autocull.train.data.label_vocabulary import LABELS
from autocull.train.evaluation.member_metrics import compute_metrics, list_defects
from autocull.train.evaluation.predictions import Prediction
from autocull.vocabulary import CATEGORIES
from support.fixed_predictions import answer


def two(truth: str, said: str, chance: float, first: str, second: str, **changes: object) -> Prediction:
    """Make an answer to a question with two sides; `chance` is the first one's."""
    return answer(truth, said, {first: chance, second: 1 - chance}, **changes)


def eyes(truth: str, closed: float) -> Prediction:
    """Make an answer of the eyes."""
    return two(truth, "closed" if closed > 0.5 else "open", closed, "closed", "open")


def category(truth: str, **scores: float) -> Prediction:
    """Make an answer of the category; labels that are not told have next to nothing."""
    every = {**dict.fromkeys(CATEGORIES, 0.01), **scores}
    return answer(truth, max(every, key=every.__getitem__), every)


def test_eyes_have_a_calibration() -> None:
    """Two answers of 0.9, one of them wrong, are 0.4 away from what they promise."""
    figures = compute_metrics("eyes", [eyes("closed", 0.9), eyes("open", 0.9)])
    assert figures["calibration_error"] == pytest.approx(0.4)
    assert (figures["accuracy"], figures["positive"], figures["cannot_tell"]) == (0.5, "closed", 0)


def test_a_blink_without_an_answer_is_counted_apart() -> None:
    """`answered` leaves out doubts and photos without faces; the whole counts them as not closed."""
    answers = [
        two("closed", said, 0.6, "closed", "open") for said in ("closed", "cannot_tell", "no_faces", "open")
    ]
    figures = compute_metrics("blink", answers)
    assert (figures["recall"], figures["answered"]["recall"]) == (0.25, 0.5)
    assert (figures["cannot_tell"], figures["no_faces"], figures["answered"]["n"]) == (1, 1, 2)


def test_a_doubted_blur_is_not_rejected() -> None:
    """Both are soft; the figures of the rejected ones stand apart."""
    answers = [
        two("blurred", "blurred", 0.7, "blurred", "sharp", aside=frozenset({"doubted"})),
        two("blurred", "blurred", 0.9, "blurred", "sharp", aside=frozenset({"rejected"})),
        two("sharp", "sharp", 0.2, "blurred", "sharp"),
    ]
    figures = compute_metrics("blur", answers)
    assert (figures["recall"], figures["rejected"]["recall"], figures["cannot_tell"]) == (1.0, 0.5, 1)
    assert figures["calibration_error"] == pytest.approx(0.2)


def test_defects_are_those_that_occur() -> None:
    """A label that no photo has gives no figure, and the means are over the others."""
    scores = {"noise": 0.9, "too_dark": 0.1}
    answers = [answer("noise", "noise", scores), answer("", "noise", scores), answer("", "", {"noise": 0.2})]
    assert list_defects(answers) == ["noise"]
    figures = compute_metrics("defects", answers)
    assert set(figures["per_label"]) == {"noise"}
    assert (figures["auc"], figures["precision"], figures["n"]) == (0.75, 0.5, 3)


def test_pairs_of_one_scene_are_counted() -> None:
    """Told apart is where the noisy one has more; alone, twice good or of another defect is no pair."""

    def photo(truth: str, noise: float, pair: str) -> Prediction:
        return answer(truth, "", {"noise": noise, "too_dark": 0.1}, extra={"pair": pair})

    right = [photo("noise", 0.4, "a"), photo("", 0.3, "a"), photo("", 0.1, "b"), photo("noise", 0.2, "b")]
    wrong = [photo("noise", 0.1, "c"), photo("", 0.3, "c")]
    equal = [photo("noise", 0.3, "h"), photo("", 0.3, "h")]
    none = [
        photo("noise", 0.4, ""),
        photo("", 0.3, ""),
        photo("noise", 0.4, "d"),
        photo("too_dark", 0.4, "e"),
    ]
    twice = [photo("", 0.1, "f"), photo("", 0.2, "f"), photo("noise", 0.3, "f"), photo("", 0.3, "e")]
    pairs = compute_metrics("defects", [*right, *wrong, *equal, *none, *twice])["pairs"]
    assert pairs == {"noise": {"n": 4, "right": 2}, "too_dark": {"n": 1, "right": 0}}
    assert "pairs" not in compute_metrics("defects", none[:2])


def test_people_against_landscape_leaves_out_all_others() -> None:
    """A people photo that is taken for food, but less for a landscape, is right between the two."""
    answers = [
        category("people", food=0.6, people=0.3, landscape=0.1),
        category("landscape", landscape=0.9),
        category("landscape", people=0.9),
        category("animals", animals=0.9),
        category("food", people=0.9),
    ]
    figures = compute_metrics("category", answers)
    assert (figures["people_landscape"]["n"], figures["people_landscape"]["accuracy"]) == (3, 2 / 3)
    assert figures["people_landscape"]["auc"] == 0.5


def test_the_common_categories_leave_out_the_rare_ones() -> None:
    """Food and plants are judged in the whole, and not in the mean of the common ones."""
    answers = [category(name, **{name: 0.9}) for name in CATEGORIES if name != "food"]
    whole = compute_metrics("category", [*answers, category("food", macro_plants=0.9)])
    assert whole["common"] == 1.0
    assert whole["f1"] < 1


@pytest.mark.parametrize("member", LABELS)
def test_no_answers_are_no_figures(member: str) -> None:
    """A manifest of which nothing could be read has figures of None."""
    figures = compute_metrics(member, [])
    assert (figures["n"], figures["accuracy"], figures["auc"]) == (0, None, None)
    assert figures.get("calibration_error") is None
