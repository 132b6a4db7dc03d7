"""Groups: every answer is in one, shares are of those asked, and gaps are told from chance."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autocull.errors import ManifestError
from autocull.train.evaluation.predictions import Prediction
from autocull.train.evaluation.subgroups import GRAVE_GAP, SHARES, check_groups, compare_groups
from support.fixed_predictions import answer


def blink(truth: str, said: str, light: float | None = None, **changes: Any) -> Prediction:
    """Make an answer about a portrait whose face is that light."""
    measured = {} if light is None else {"lightness": light}
    return answer(truth, said, {}, measured=measured, **changes)


@given(st.lists(st.one_of(st.none(), st.integers(0, 9)), min_size=1, max_size=40))
def test_every_answer_is_in_one_third(lights: list[int | None]) -> None:
    """Equal ones stay together, those not measured stand apart, and names tell the range."""
    groups = compare_groups("blink", [blink("open", "open", light) for light in lights], "lightness")[
        "groups"
    ]
    assert sum(own["n"] for own in groups.values()) == len(lights)
    assert groups.get("not measured", {"n": 0})["n"] == lights.count(None)
    for name, own in groups.items():
        if name != "not measured":
            low, high = name.split("(")[1].removesuffix(" L*)").split("-")
            assert own["n"] == sum(light is not None and int(low) <= light <= int(high) for light in lights)


def test_thirds_are_of_the_same_size() -> None:
    """Nine different photos make three of three, the darkest first."""
    groups = compare_groups("blink", [blink("open", "open", light) for light in range(9)], "lightness")[
        "groups"
    ]
    assert [(name, own["n"]) for name, own in groups.items()] == [
        ("low (0-2 L*)", 3),
        ("middle (3-5 L*)", 3),
        ("high (6-8 L*)", 3),
    ]


def test_each_share_is_counted_among_those_it_asks() -> None:
    """Doubts lower what is answered, and not what is right where answered."""
    said = [("closed", "closed"), ("closed", "cannot_tell"), ("open", "closed"), ("open", "no_faces")]
    own = compare_groups("blink", [blink(*each) for each in said], "source")["groups"]["s"]["shares"]
    assert {title: (share["n"], share["of"]) for title, share in own.items()} == {
        "face found": (3, 4),
        "answered": (2, 3),
        "right where answered": (1, 2),
        "closed found": (1, 2),
        "open not called closed": (1, 2),
    }
    assert own["answered"]["interval"] == pytest.approx((0.2077, 0.9385), abs=1e-3)
    assert set(own) == set(SHARES["blink"])


def test_other_members_are_right_or_wrong() -> None:
    """By any column of the manifest; an empty cell is a group of its own."""
    answers = [
        answer("open", "open", extra={"glasses": "yes"}),
        answer("open", "closed", extra={"glasses": ""}),
    ]
    grouped = compare_groups("eyes", answers, "glasses")
    assert list(grouped["groups"]) == ["(not stated)", "yes"]
    assert grouped["groups"]["yes"]["shares"]["right"]["share"] == 1.0
    assert grouped["by"] == "glasses"


def right_of(source: str, right: int, of: int) -> list[Prediction]:
    """Make so many answers, so many of them right."""
    return [answer("open", "open" if k < right else "closed", source=source) for k in range(of)]


@pytest.mark.parametrize(
    ("right", "called"), [((100, 80), "defect"), ((100, 97), "small"), ((100, 100), "small")]
)
def test_a_gap_of_many_is_a_defect_or_small(right: tuple[int, int], called: str) -> None:
    """It names the better group and the worse one."""
    answers = right_of("a", right[0], 100) + right_of("b", right[1], 100)
    gap = compare_groups("eyes", answers, "source")["gaps"]["right"]
    assert (gap["best"], gap["worst"]) == ("a", "b")
    assert gap["gap"] == pytest.approx((right[0] - right[1]) / 100)
    assert gap["called"] == called
    assert (gap["gap"] > GRAVE_GAP) == (called == "defect")


def test_a_gap_of_few_may_be_chance_and_hides_no_sure_one() -> None:
    """One of one against none of one says nothing; a sure gap is told rather than a wider one."""
    few = right_of("a", 1, 1) + right_of("b", 0, 1)
    assert compare_groups("eyes", few, "source")["gaps"]["right"]["called"] == "maybe chance"
    mixed = right_of("many", 95, 100) + right_of("worse", 70, 100) + right_of("one", 0, 1)
    gap = compare_groups("eyes", mixed, "source")["gaps"]["right"]
    assert (gap["best"], gap["worst"], gap["called"]) == ("many", "worse", "defect")


def test_one_group_has_no_gap() -> None:
    """There is nothing to compare it with."""
    assert compare_groups("eyes", right_of("a", 1, 2), "source")["gaps"] == {"right": None}


def test_what_was_not_measured_is_no_group_to_compare() -> None:
    """A photo without a face has no face size: that says nothing about sizes."""
    seen = [answer("open", "open", measured={"face_size": size}) for size in range(9)]
    blind = [answer("open", "no_faces") for _ in range(9)]
    grouped = compare_groups("blink", [*seen, *blind], "face_size")
    assert grouped["groups"]["not measured"]["shares"]["face found"]["n"] == 0
    assert grouped["gaps"]["face found"]["called"] == "small"


def test_what_there_is_to_group_by_is_named() -> None:
    """Columns of the manifest for all, measured numbers for portraits alone."""
    rows = [answer("open", "open", extra={"glasses": "yes"}).row]
    for by in ("source", "glasses", "lightness", "face_size"):
        check_groups("blink", rows, by)
    with pytest.raises(ManifestError, match="by 'age'; there are glasses, group, label, source, lightness"):
        check_groups("blink", rows, "age")
    with pytest.raises(ManifestError, match="eyes cannot be grouped by 'lightness'"):
        check_groups("eyes", rows, "lightness")
