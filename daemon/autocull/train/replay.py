"""Replaying a fixture: how many of the photographer's decisions the judge meets, without any photo."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np

from autocull.judge import Settings, judge
from autocull.judge.verdict import Verdict
from autocull.marks.decision import Choice
from autocull.marks.fixture import Fixture
from autocull.train.metrics import Figures, two_sided, wilson


def replay(fixture: Fixture, settings: Settings) -> Figures:
    """Judge the fixture's evidence by `settings` and compare with what she decided.

    Returns the figures of a rejection (n, accuracy, ..., confusion, per_label; what cannot be told counts as
    not rejected); `harm` (kept by her, rejected by us) and `missed` (rejected by her, kept by us), each with
    `n`, `of`, `share`, `interval` (95 %) and `reasons`; `met`, `cannot_tell`, `moved` (verdicts that are not
    those of when the file was written), `models`, and `unreadable`, which is always empty.
    """
    verdicts = [judge(case.evidence, settings) for case in fixture.photos]
    choices = [case.decision for case in fixture.photos]
    rejected = np.array([verdict.answer == "reject" for verdict in verdicts], dtype=bool)
    badness = np.array([1 - verdict.score for verdict in verdicts], dtype=np.float64)
    truth = np.array([choice == "reject" for choice in choices], dtype=bool)
    told = zip(verdicts, fixture.photos, strict=True)
    return {
        "member": "fixture",
        **two_sided(truth, badness, rejected, ("reject", "keep")),
        "met": sum(verdict.answer == choice for verdict, choice in zip(verdicts, choices, strict=True)),
        "harm": _against("keep", choices, verdicts),
        "missed": _against("reject", choices, verdicts),
        "cannot_tell": sum(verdict.answer == "cannot_tell" for verdict in verdicts),
        "moved": sum(verdict.answer != case.answer for verdict, case in told),
        "models": fixture.models,
        "unreadable": [],
    }


def _against(choice: Choice, choices: Sequence[Choice], verdicts: Sequence[Verdict]) -> dict[str, Any]:
    """Count the verdicts that say the opposite of `choice`, with the gravest reason of each."""
    other = "reject" if choice == "keep" else "keep"
    hers = [verdict for made, verdict in zip(choices, verdicts, strict=True) if made == choice]
    against = [verdict for verdict in hers if verdict.answer == other]
    share = len(against) / len(hers) if hers else None
    reasons = Counter(verdict.reasons[0].code for verdict in against if verdict.reasons)
    return {
        "n": len(against),
        "of": len(hers),
        "share": share,
        "interval": wilson(share, len(hers)),
        "reasons": dict(reasons.most_common()),
    }
