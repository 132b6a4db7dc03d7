"""The cases of `tests/decision_cases.json`: how marks become decisions, in the daemon and in the plug-in.

Both decide by the same rules, each in its own language, and the tests of both run the same cases.

`shoots`: the photos of one shoot or folder, and what was decided about each of them
(`learn.decision_rules` in the daemon, DecisionRules.lua in the plug-in).

- `name`: what the case is about.
- `only`: "daemon" for cases with virtual copies, which the plug-in leaves out before it decides.
- `photos`: one object for each photo, in order. `flag` is 1, -1 or 0 (default 0), `rating` -1 to 5
  (default 0), `label` a colour, "none" or another text (default "none"); `written` holds the marks that
  Autocull wrote, without those that it did not set (default: none). `copy` is true for a virtual copy of
  the photo before it. `times` repeats the photo (default 1).
- `decisions`: one for each object of `photos`: "select", "reject", or null where nothing was decided; it
  holds for each repetition. A file and its virtual copies have one decision, and none where they differ.

`photos`: one photo with a sidecar, read by itself (`output.user_marks` in the daemon; the plug-in has no
such rule, but the same notion of which marks the photographer set: CullPlan.userSet).

- `now`: the marks as they are (`flag`, `rating`, `label`, as above).
- `written`: the marks that Autocull noted in the sidecar, or null where it never wrote there.
- `today`: the marks of today's verdict, where they matter.
- `user_set`: the marks that the photographer set, changed or cleared, in the order rating, label, flag.
- `choice`: "keep", "reject", or null; `by`: the mark that decided ("flag", "rating", "label"), or "left"
  where Autocull's marks were left as they are.

`records`: the plug-in's field `written` of a photo, as the catalog stores it (`parse_written` in the daemon,
CullPlan.parseWritten in the plug-in).

- `text`: the stored text, or null where there is none.
- `written`: the marks in it; empty where it is not valid: then no mark of the photo is Autocull's.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

Case = dict[str, Any]

CASES: dict[str, list[Case]] = json.loads(
    (Path(__file__).parents[1] / "decision_cases.json").read_text("utf-8")
)
UNSET_MARKS = {"flag": 0, "rating": 0, "label": "none"}


def name_cases(cases: list[Case]) -> list[Any]:
    """Return the cases as parameters with their names as ids."""
    return [pytest.param(case, id=case["name"]) for case in cases]


def repeat_photos(case: Case) -> tuple[list[Case], list[str | None]]:
    """Return every photo of a shoot, and the decision about each, with repetitions written out."""
    photos, decisions = [], []
    for photo, decision in zip(case["photos"], case["decisions"], strict=True):
        times = photo.get("times", 1)
        photos += [{key: value for key, value in photo.items() if key != "times"}] * times
        decisions += [decision] * times
    return photos, decisions
