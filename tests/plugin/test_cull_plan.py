"""The plan for one photo: three policies, own and user-set marks, and undo."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugin.pure import Modules, read

MODULES = Modules()
PLAN = MODULES["CullPlan"]

UNSET = {"rating": 0, "label": "none", "flag": 0}
KEEP = {"rating": 3, "label": "green", "flag": 1}
REJECT = {"rating": 0, "label": "red", "flag": -1}

MARKS = st.fixed_dictionaries(
    {
        "rating": st.integers(0, 5),
        "label": st.sampled_from(["none", "red", "green", "Kunde"]),
        "flag": st.sampled_from([-1, 0, 1]),
    }
)
RESULTS = MARKS.map(lambda marks: marks | {"label": "blue"} if marks["label"] == "Kunde" else marks)
POLICIES = st.sampled_from(["respect", "fill", "overwrite"])


def settings(policy: str = "respect", **switches: bool) -> dict[str, Any]:
    """The settings that the plan uses; all marks are written unless switched off."""
    return {"policy": policy, "writeRating": True, "writeLabel": True, "writeFlag": True} | switches


def writes(
    result: dict[str, Any], current: dict[str, Any], **options: Any
) -> tuple[dict[str, Any], int, dict[str, Any]]:
    """The marks to write, how many were left alone, and the new value of `written`."""
    plan = PLAN.writes(MODULES.table(result), MODULES.table(current), MODULES.table(settings(**options)))
    changed, left, written = read(plan)
    return changed, left, written


def undo(
    before: dict[str, Any], after: dict[str, Any], current: dict[str, Any]
) -> tuple[dict[str, Any], int]:
    """What undo writes, and how many marks it leaves."""
    entry = MODULES.table({"before": before, "after": after})
    plan: tuple[dict[str, Any], int] = read(PLAN.undo(entry, MODULES.table(current)))
    return plan


@pytest.mark.parametrize("policy", ["respect", "fill", "overwrite"])
def test_photo_without_marks_gets_all(policy: str) -> None:
    """Where the photographer set nothing, every policy is the same."""
    assert writes(KEEP, UNSET, policy=policy) == (KEEP, 0, KEEP)
    assert writes(REJECT, UNSET, policy=policy) == (
        {"label": "red", "flag": -1},
        0,
        {"label": "red", "flag": -1},
    )


def test_respect_keeps_what_is_set_and_adds_the_rest() -> None:
    """Five stars stay five stars; a missing label may be added."""
    assert writes(KEEP, UNSET | {"rating": 5}) == (
        {"label": "green", "flag": 1},
        1,
        {"label": "green", "flag": 1},
    )


@pytest.mark.parametrize("user_marks", [{"rating": 1}, {"label": "blue"}, {"flag": 1}, {"label": "Kunde"}])
def test_respect_never_rejects_a_photo_with_a_user_mark(user_marks: dict[str, Any]) -> None:
    """With one mark of any kind there is neither a reject flag nor a red label from Autocull."""
    changed, left, written = writes(REJECT, UNSET | user_marks)
    assert changed == {}
    assert written == {}
    assert left >= 1


def test_fill_fills_each_mark_that_is_unset() -> None:
    """A filled reject is what the policy fill is for."""
    assert writes(REJECT, UNSET | {"rating": 4}, policy="fill")[0] == {"label": "red", "flag": -1}
    assert writes(KEEP, REJECT, policy="fill") == ({"rating": 3}, 2, {"rating": 3})


def test_overwrite_replaces_user_marks() -> None:
    """Also a custom label, and stars that are removed."""
    assert writes(REJECT, {"rating": 5, "label": "Kunde", "flag": 1}, policy="overwrite")[0] == REJECT


def test_label_too_long_for_the_journal_is_not_overwritten() -> None:
    """What could not be undone is not done."""
    changed, left, _ = writes(REJECT, UNSET | {"label": "x" * 501}, policy="overwrite")
    assert changed == {"flag": -1}
    assert left == 1


def test_own_marks_may_change_at_the_next_run() -> None:
    """A second run with other settings is not limited by the first."""
    assert writes(REJECT, KEEP | {"written": KEEP}) == (REJECT, 0, {"label": "red", "flag": -1})


def test_changed_own_mark_counts_as_user_set() -> None:
    """The photo then has a user mark: no reject."""
    changed, left, written = writes(REJECT, KEEP | {"rating": 5, "written": KEEP})
    assert changed == {}
    assert left == 3
    assert written == {"label": "green", "flag": 1}


def test_cleared_own_mark_stays_cleared() -> None:
    """Removing a reject flag is a decision; the next run with respect does not restore it."""
    rejected = {"label": "red", "flag": -1}
    changed, left, written = writes(REJECT, UNSET | {"label": "red", "written": rejected})
    assert (changed, left) == ({}, 1)
    again = writes(REJECT, UNSET | {"label": "red", "written": written})
    assert again[:2] == ({}, 1)
    assert writes(REJECT, UNSET | {"label": "red", "written": rejected}, policy="fill")[0] == {"flag": -1}


def test_user_mark_equal_to_the_wanted_one_stays_user_set() -> None:
    """Else the next run would count the user's three stars as Autocull's, and change them."""
    for policy in ("respect", "fill", "overwrite"):
        changed, left, written = writes(KEEP, UNSET | {"rating": 3}, policy=policy)
        assert "rating" not in changed
        assert "rating" not in written
        assert left == 0


@pytest.mark.parametrize(
    ("switch", "mark"), [("writeRating", "rating"), ("writeLabel", "label"), ("writeFlag", "flag")]
)
def test_mark_that_is_switched_off_is_never_written(switch: str, mark: str) -> None:
    """Nor counted as left alone, even by overwrite."""
    changed, left, written = writes(KEEP, REJECT, policy="overwrite", **{switch: False})
    assert mark not in changed
    assert mark not in written
    assert left == 0


@given(RESULTS, MARKS, st.none() | MARKS, POLICIES)
def test_only_changed_marks_are_written_and_user_marks_survive(
    result: dict[str, Any], current: dict[str, Any], written: dict[str, Any] | None, policy: str
) -> None:
    """What is written differs from what is set, and without overwrite no user mark is lost."""
    changed, _, _ = writes(result, current | ({"written": written} if written else {}), policy=policy)
    for mark, value in changed.items():
        assert value == result[mark] != current[mark]
        is_user_set = current[mark] != UNSET[mark] and (written is None or written[mark] != current[mark])
        assert policy == "overwrite" or not is_user_set


@given(RESULTS, MARKS, POLICIES)
def test_second_identical_run_changes_nothing(
    result: dict[str, Any], current: dict[str, Any], policy: str
) -> None:
    """A run is idempotent."""
    changed, _, written = writes(result, current, policy=policy)
    assert writes(result, current | changed | {"written": written}, policy=policy)[0] == {}


@given(RESULTS, MARKS, POLICIES)
def test_undo_restores_every_mark(result: dict[str, Any], current: dict[str, Any], policy: str) -> None:
    """Right after the run, undo restores the photo exactly."""
    changed, _, _ = writes(result, current, policy=policy)
    before, after = read(PLAN.journalEntry(MODULES.table(current), MODULES.table(changed)))
    restored, left = undo(before or {}, after or {}, current | changed)
    assert current | changed | restored == current
    assert left == 0


@given(RESULTS, MARKS, MARKS, POLICIES)
def test_undo_never_changes_a_user_mark(
    result: dict[str, Any], current: dict[str, Any], later: dict[str, Any], policy: str
) -> None:
    """Whatever the user did since: a mark that undo writes was, until then, as the run had written it."""
    changed, _, _ = writes(result, current, policy=policy)
    before, after = read(PLAN.journalEntry(MODULES.table(current), MODULES.table(changed)))
    restored, _ = undo(before or {}, after or {}, later)
    for mark, value in restored.items():
        assert later[mark] == changed[mark]
        assert value == current[mark]


def test_undo_counts_marks_changed_since() -> None:
    """A flag that the user changed stays; the stars are restored."""
    assert undo(UNSET, KEEP, KEEP | {"flag": -1}) == ({"rating": 0, "label": "none"}, 1)
    assert undo(UNSET, KEEP, UNSET) == ({}, 0)
