"""Validation of the daemon's answers: only what may be written to a catalog is accepted."""

from __future__ import annotations

from typing import Any

import pytest

from plugin.pure import Modules, read

MODULES = Modules()
SCHEMA = MODULES["ResponseSchema"]

RESULT: dict[str, Any] = {
    "number": 7,
    "id": "A-1",
    "verdict": "reject",
    "rating": 1,
    "label": "red",
    "flag": -1,
    "score": 0.12,
    "reasons": [{"code": "eyes_closed", "measured": 0.03, "limit": 0.2, "text": "…"}],
    "focus": {"subject_sharp": 0.9, "kind": "sharp"},
    "eyes": "closed",
    "category": "people",
    "model": "3f2a91c0",
    "source": "file",
}
JOB: dict[str, Any] = {
    "id": "a1b2",
    "state": "running",
    "total": 10,
    "done": 3,
    "rate": 8.1,
    "seconds_left": None,
}


def validate(check: str, value: Any, *more: Any) -> Any:
    """The result of a check of the schema."""
    return read(SCHEMA[check.encode()](MODULES.table(value), *more))


def omit(value: dict[str, Any], *names: str) -> dict[str, Any]:
    """The value without some of its fields, as after decoding nulls."""
    return {name: each for name, each in value.items() if name not in names}


def test_valid_result_is_unchanged() -> None:
    """Nothing of a good result is lost."""
    assert validate("result", RESULT) == RESULT


def test_marks_that_are_not_set_have_one_form() -> None:
    """Null stars, no label and no flag get the form that CullPlan uses."""
    outcome = validate("result", omit(RESULT, "rating", "label", "flag", "score", "focus", "eyes", "reasons"))
    assert (outcome["rating"], outcome["label"], outcome["flag"]) == (0, "none", 0)


def test_unreadable_photo_is_accepted_with_its_error() -> None:
    """It has no verdict, but a message."""
    error = {"code": "damaged", "message": "The file ends early."}
    assert validate("result", {"number": 1, "id": "a", "error": error})["error"] == error


@pytest.mark.parametrize(
    "wrong",
    [
        {"verdict": "delete"},
        {"rating": 6},
        {"rating": -1},
        {"rating": 2.5},
        {"rating": "3"},
        {"label": "pink"},
        {"flag": 2},
        {"flag": 0.5},
        {"score": 1.2},
        {"score": "high"},
        {"reasons": "eyes"},
        {"reasons": [{"measured": 1}]},
        {"reasons": [{"code": "noise", "limit": "much"}]},
        {"reasons": ["noise"]},
        {"focus": 0.9},
        {"focus": {"subject_sharp": 9}},
        {"eyes": 1},
        {"category": True},
        {"model": 3},
        {"id": 5},
        {"number": -1},
    ],
    ids=str,
)
def test_invalid_result_is_refused(wrong: dict[str, Any]) -> None:
    """No value out of its range may reach a catalog."""
    outcome, why = validate("result", RESULT | wrong)
    assert outcome is None
    assert why


def test_result_without_verdict_and_error_is_refused() -> None:
    """A photo is judged or unreadable; silence is neither."""
    assert validate("result", {"number": 1, "id": "a"})[0] is None
    assert read(SCHEMA.result(b"text"))[0] is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"id": "../x"},
        {"id": ""},
        {"id": "a b"},
        {"state": "odd"},
        {"total": -1},
        {"done": 1.5},
        {"rate": "fast"},
    ],
    ids=str,
)
def test_invalid_job_is_refused(wrong: dict[str, Any]) -> None:
    """An id that would change the path of a request is invalid."""
    assert validate("job", JOB)["done"] == 3
    assert validate("job", JOB | wrong)[0] is None


@pytest.mark.parametrize(
    "page",
    [
        {"results": [1], "next": 5, "complete": False},
        {"results": [], "next": 4, "complete": False},
        {"results": [], "next": 5, "complete": 1},
        {"results": 3, "next": 6, "complete": True},
        {"next": 6, "complete": True},
    ],
    ids=str,
)
def test_page_that_would_never_end_is_refused(page: dict[str, Any]) -> None:
    """Paging proceeds or stops; it does not loop in Lightroom's only thread."""
    assert validate("page", page, b"results", 5)[0] is None


def test_page_continues_after_the_last_number() -> None:
    """An empty page may stay at its number; a full one proceeds."""
    for results, following in (([], 5), ([1, 2], 7)):
        assert validate("page", {"results": results, "next": following, "complete": False}, b"results", 5)


def test_journal_entry_distinguishes_cleared_stars_from_unwritten_ones() -> None:
    """Null on one side is no stars; null on both is a mark that undo must not change."""
    entry = {"id": "a", "before": {"label": "none"}, "after": {"rating": 3, "label": "green"}}
    outcome = validate("journalEntry", entry)
    assert outcome == entry | {"before": {"rating": 0, "label": "none"}}
    flags = {"id": "a", "before": {"flag": 0}, "after": {"flag": 1}}
    assert validate("journalEntry", flags) == flags


@pytest.mark.parametrize(
    "entry",
    [
        {"id": "a", "before": {}},
        {"id": 1, "before": {}, "after": {}},
        {"id": "a", "before": {"rating": 9}, "after": {}},
        {"id": "a", "before": {}, "after": {"label": ""}},
        {"id": "a", "before": {"flag": "x"}, "after": {}},
    ],
    ids=str,
)
def test_invalid_journal_entry_is_refused(entry: dict[str, Any]) -> None:
    """What undo writes is checked as a run's result is; a custom label may be any text."""
    assert validate("journalEntry", entry)[0] is None
    assert validate("journalEntry", {"id": "a", "before": {"label": "Kunde"}, "after": {"label": "red"}})
