"""The rules by which marks become decisions, in Lua: every case of `tests/decision_cases.json`.

The plug-in and the daemon decide by the same rules, each in its own language; both run the same cases.

`shoots`: the photos of one shoot or folder, and what was decided about each of them (`learn` in the daemon,
DecisionRules.lua in the plug-in).

- `name`: what the case is about.
- `only`: "daemon" for cases with virtual copies, which the plug-in leaves out before it decides.
- `photos`: one object for each photo, in order. `flag` is 1, -1 or 0 (default 0), `rating` -1 to
  5 (default 0), `label` a colour, "none" or another text (default "none"); `written` holds the marks that
  Autocull wrote, without those that it did not set (default: none). `copy` is true for a virtual copy of the
  photo before it. `times` repeats the photo (default 1).
- `decisions`: one for each object of `photos`: "select", "reject", or null where nothing was decided; it
  holds for each repetition. A file and its virtual copies have one decision, and none where they differ.

`photos`: one photo with a sidecar, read by itself (`decided` in the daemon; the plug-in has no such rule, but
the same notion of which marks the photographer set: CullPlan.userSet).

- `now`: the marks as they are (`flag`, `rating`, `label`, as above).
- `written`: the marks that Autocull noted in the sidecar, or null where it never wrote there.
- `today`: the marks of today's verdict, where they matter.
- `user_set`: the marks that the photographer set, changed or cleared, in the order rating, label, flag.
- `choice`: "keep", "reject", or null; `by`: the mark that decided ("flag", "rating", "label"), or "left"
  where Autocull's marks were left as they are.

`records`: the plug-in's field `written` of a photo, as the catalog stores it.

- `text`: the stored text, or null where there is none.
- `written`: the marks in it; empty where it is not valid: then no mark of the photo is Autocull's.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from plugin.pure import Modules, read

CASES: dict[str, list[dict[str, Any]]] = json.loads(
    (Path(__file__).parents[1] / "decision_cases.json").read_text("utf-8")
)
SHOOTS = [case for case in CASES["shoots"] if case.get("only") != "daemon"]
UNSET = {"flag": 0, "rating": 0, "label": "none"}
MODULES = Modules()


def named(cases: list[dict[str, Any]]) -> list[Any]:
    """Return the cases as parameters with their names as ids."""
    return [pytest.param(case, id=case["name"]) for case in cases]


def decide(shoot: list[dict[str, Any]]) -> list[str | None]:
    """Return the plug-in's decisions on the photos of a shoot."""
    marks = [UNSET | {key: value for key, value in photo.items() if key != "times"} for photo in shoot]
    return [each or None for each in read(MODULES["DecisionRules"].among(MODULES.table(marks)))]


@pytest.mark.parametrize("case", named(SHOOTS))
def test_shoot_is_decided_as_in_its_case(case: dict[str, Any]) -> None:
    """By the rules of `autocull learn`."""
    shoot, expected = [], []
    for photo, decision in zip(case["photos"], case["decisions"], strict=True):
        shoot += [photo] * photo.get("times", 1)
        expected += [decision] * photo.get("times", 1)
    assert decide(shoot) == expected


@pytest.mark.parametrize("case", named(CASES["photos"]))
def test_marks_of_the_photographer_are_those_of_the_case(case: dict[str, Any]) -> None:
    """Set, changed or cleared, compared with what Autocull wrote."""
    marks = UNSET | case["now"] | {"written": case["written"] or {}}
    user_set = read(MODULES["CullPlan"].userSet(MODULES.table(marks)))
    assert [mark for mark in ("rating", "label", "flag") if user_set[mark]] == case["user_set"]


@pytest.mark.parametrize("case", named(CASES["records"]))
def test_record_holds_the_marks_of_its_case(case: dict[str, Any]) -> None:
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
