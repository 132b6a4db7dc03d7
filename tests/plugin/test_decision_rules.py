"""The rules by which marks become decisions, in Lua: the cases of `support.decision_cases`."""

from __future__ import annotations

from typing import Any

import pytest

from plugin.pure import Modules, read
from support.decision_cases import CASES, UNSET_MARKS, Case, name_cases, repeat_photos

SHOOTS = [case for case in CASES["shoots"] if case.get("only") != "daemon"]
MODULES = Modules()


@pytest.mark.parametrize("case", name_cases(SHOOTS))
def test_shoot_is_decided_as_in_its_case(case: Case) -> None:
    """By the rules of `autocull learn`."""
    photos, expected = repeat_photos(case)
    marks: Any = MODULES.table([UNSET_MARKS | photo for photo in photos])
    assert [each or None for each in read(MODULES["DecisionRules"].among(marks))] == expected


@pytest.mark.parametrize("case", name_cases(CASES["photos"]))
def test_marks_of_the_photographer_are_those_of_the_case(case: Case) -> None:
    """Set, changed or cleared, compared with what Autocull wrote."""
    marks = UNSET_MARKS | case["now"] | {"written": case["written"] or {}}
    user_set = read(MODULES["CullPlan"].userSet(MODULES.table(marks)))
    assert [mark for mark in ("rating", "label", "flag") if user_set[mark]] == case["user_set"]


@pytest.mark.parametrize("case", name_cases(CASES["records"]))
def test_record_holds_the_marks_of_its_case(case: Case) -> None:
    """Only values that an auto-cull writes count."""
    assert (read(MODULES["CullPlan"].parseWritten(MODULES.table(case["text"]))) or {}) == case["written"]


def test_only_cases_with_virtual_copies_are_left_to_the_daemon() -> None:
    """No rule of the plug-in is exempt."""
    for case in CASES["shoots"]:
        assert (case.get("only") == "daemon") == any("copy" in photo for photo in case["photos"])


def test_names_of_cases_are_unique() -> None:
    """A failing case is found by its name."""
    for cases in CASES.values():
        names = [case["name"] for case in cases]
        assert len(names) == len(set(names))
