"""The tally: every photo is in one count, and every reject has its reason."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from plugin.pure import Modules, read

MODULES = Modules()
TALLY = MODULES["RunCounts"]

VERDICTS = st.sampled_from(["keep", "reject", "cannot_tell", None])
CODES = st.sampled_from(["eyes_closed", "noise", "too_dark"])


def result(verdict: str | None, *codes: str) -> dict[str, Any]:
    """A result as the schema lets it pass."""
    if verdict is None:
        return {"reasons": [], "error": {"message": "The file ends early."}}
    return {"verdict": verdict, "category": "people", "reasons": [{"code": code} for code in codes]}


def tally_of(results: list[dict[str, Any]], skipped: dict[str, int] | None = None) -> Any:
    """The tally of results, as Lua has it."""
    tally = TALLY.new(len(results), MODULES.table(skipped or {"videos": 0}))
    for number, each in enumerate(results):
        TALLY.add(tally, item(number), MODULES.table(each))
    return tally


def item(number: int) -> Any:
    """A photo of the run."""
    return MODULES.table({"id": f"{number}", "path": f"/a/{number}.jpg", "photo": f"photo {number}"})


COUNTS = ("keep", "reject", "cannotTell", "unreadable", "written", "unchanged", "leftAlone", "failed")


def counts(tally: Any) -> dict[str, int]:
    """The counts that are not 0."""
    outcome = read(tally)
    return {name: outcome[name] for name in COUNTS if outcome[name]}


@given(st.lists(st.builds(result, VERDICTS, CODES)))
def test_every_photo_is_counted_once(results: list[dict[str, Any]]) -> None:
    """Keep, reject, "cannot tell" and unreadable add up, and the reasons of rejects to the rejects."""
    outcome = read(tally_of(results))
    assert outcome["keep"] + outcome["reject"] + outcome["cannotTell"] + outcome["unreadable"] == len(results)
    assert sum((outcome["reasons"] or {}).values()) == outcome["reject"]
    assert read(TALLY.answered(tally_of(results))) == len(results)


def test_reject_counts_under_its_most_severe_reason() -> None:
    """The first reason is the most severe, and photos are listed for the collections by it."""
    tally = tally_of([result("reject", "noise", "too_dark"), result("cannot_tell", "too_dark"), result(None)])
    assert read(tally)["reasons"] == {"noise": 1}
    assert read(TALLY.photos(tally, b"reject", b"noise")) == ["photo 0"]
    assert not read(TALLY.photos(tally, b"reject", b"too_dark"))
    assert read(TALLY.photos(tally, b"cannot_tell")) == ["photo 1"]
    assert read(TALLY.categories(tally)) == {"people": ["photo 0", "photo 1"]}
    assert read(TALLY.unreadable(tally)) == [{"name": "/a/2.jpg", "message": "The file ends early."}]


@given(st.lists(st.tuples(st.integers(0, 4), st.builds(result, VERDICTS, CODES))))
def test_photo_judged_again_counts_under_its_last_result(
    answers: list[tuple[int, dict[str, Any]]],
) -> None:
    """Whatever came in between, the tally is that of the last results."""
    tally = tally_of([])
    for number, each in answers:
        TALLY.add(tally, item(number), MODULES.table(each))
    last = dict(answers)
    alone = tally_of([])
    for number, each in last.items():
        TALLY.add(alone, item(number), MODULES.table(each))
    assert counts(tally) == counts(alone)
    assert read(tally)["reasons"] == read(alone)["reasons"]
    assert read(TALLY.answered(tally)) == len(last)


def test_photo_written_again_counts_once() -> None:
    """Written stays written; a failure is cleared by a later success, and a later failure counts."""
    tally = tally_of([result("keep")] * 4)
    for number, (changed, left) in enumerate([(True, False), (False, False), (False, True)]):
        TALLY.addWritten(tally, item(number), changed, left)
    TALLY.addFailure(tally, item(3), b"busy")
    assert counts(tally) == {"keep": 4, "written": 1, "unchanged": 1, "leftAlone": 1, "failed": 1}
    TALLY.addWritten(tally, item(0), False, False)
    TALLY.addWritten(tally, item(1), True, False)
    TALLY.addWritten(tally, item(2), False, False)
    TALLY.addWritten(tally, item(3), True, True)
    assert counts(tally) == {"keep": 4, "written": 3, "unchanged": 1, "leftAlone": 1}
    assert not read(TALLY.failed(tally))
    TALLY.addFailure(tally, item(0), b"gone")
    assert read(TALLY.failed(tally)) == [{"name": "/a/0.jpg", "message": "gone"}]
    assert counts(tally) == {"keep": 4, "written": 2, "unchanged": 1, "leftAlone": 1, "failed": 1}


def test_invalid_result_does_not_replace_a_valid_one() -> None:
    """A photo with a verdict keeps it; one without is listed."""
    tally = tally_of([result("keep")])
    for number in (0, 1):
        TALLY.addInvalid(tally, item(number), b"nonsense")
    assert counts(tally) == {"keep": 1, "unreadable": 1}
    assert read(TALLY.unreadable(tally)) == [{"name": "/a/1.jpg", "message": "nonsense"}]


def test_series_are_counted_by_kind() -> None:
    """Those of more than one photo, each once, with their photos."""

    def in_series(id_: str, kind: str, size: int) -> dict[str, Any]:
        return result("keep") | {"series": {"id": id_, "kind": kind, "size": size}}

    tally = tally_of(
        [in_series("a", "burst", 2), in_series("b", "bracket", 3), in_series("a", "burst", 2),
         in_series("c", "burst", 4), in_series("d", "single", 1), result("keep")]
    )  # fmt: skip
    rows = [{"code": "burst", "count": 2, "photos": 3}, {"code": "bracket", "count": 1, "photos": 1}]
    assert read(TALLY.series(tally)) == rows


def test_reasons_come_most_frequent_first_and_equals_by_name() -> None:
    """The report does not change its order from run to run."""
    rows = read(TALLY.byFrequency(MODULES.table({"noise": 2, "too_dark": 5, "eyes_closed": 2})))
    assert [(row["code"], row["count"]) for row in rows] == [
        ("too_dark", 5),
        ("eyes_closed", 2),
        ("noise", 2),
    ]


def test_skipped_photos_are_summed() -> None:
    """All kinds of skipped photos count."""
    assert TALLY.skipped(tally_of([], {"videos": 2, "copies": 3, "missing": 1, "vanished": 0})) == 6
