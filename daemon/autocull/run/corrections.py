"""The photographer's decisions about a culled folder, beside what was measured: no photo is read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

from autocull.errors import MarksError, PhotoError
from autocull.judge.verdict import Marks, Verdict
from autocull.marks.decision import Decision, decided, hers_among
from autocull.marks.fixture import Case, Counts, Fixture, HerMarks, nameless
from autocull.marks.merge import SidecarMarks, marks_in, noted_in
from autocull.marks.xmp import packet_of
from autocull.measure.evidence import Evidence
from autocull.read import Frame
from autocull.run.cull import Judge
from autocull.run.known import Known

Fate = Literal["met", "unmet", "outdated", "undecided", "not_measured", "unreadable", "refused"]
_BATCH = 500


@dataclass(slots=True)
class Corrections:
    """What a folder gave: decisions met and unmet, how many of each fate, and sidecars that were refused."""

    met: list[Case] = field(default_factory=list)
    unmet: list[Case] = field(default_factory=list)
    fates: Counter[Fate] = field(default_factory=Counter)
    refused: list[MarksError] = field(default_factory=list)

    def fixture(self) -> Fixture:
        """Make the fixture: every decision that is unmet, and as many that are met, in the folder's order.

        Of the met, those by a mark of her own come first; the rest is spread evenly over the folder.
        """
        own = [case for case in self.met if case.by != "left"]
        left = [case for case in self.met if case.by == "left"]
        wanted = len(self.unmet)
        chosen = _spread(own, wanted)
        chosen += _spread(left, wanted - len(chosen))
        cases = sorted([*self.unmet, *chosen], key=lambda case: case.number)
        return Fixture.of(tuple(cases), self.counts)

    @property
    def counts(self) -> Counts:
        """How many photos there were, and what became of them."""
        return Counts(
            photos=self.fates.total(),
            met=self.fates["met"],
            unmet=self.fates["unmet"],
            outdated=self.fates["outdated"],
            undecided=self.fates["undecided"],
            not_measured=self.fates["not_measured"],
            unreadable=self.fates["unreadable"],
            refused=self.fates["refused"],
        )


def corrections(frames: Sequence[Frame], known: Known, judge: Judge) -> Corrections:
    """Compare what `judge` says of each frame alone, where it is `known`, with the marks in its sidecar."""
    found = Corrections()
    for number, frame, outcome in _recall(frames, known):
        found.fates[_compare(found, number, frame, outcome, judge)] += 1
    return found


def _recall(
    frames: Sequence[Frame], known: Known
) -> Iterator[tuple[int, Frame, Evidence | PhotoError | None]]:
    for start in range(0, len(frames), _BATCH):
        for number, (frame, outcome) in enumerate(known.recall(frames[start : start + _BATCH]), start + 1):
            yield number, frame, outcome


def _compare(
    found: Corrections, number: int, frame: Frame, outcome: Evidence | PhotoError | None, judge: Judge
) -> Fate:
    """Say what becomes of one photo, and keep its case where there is a decision."""
    if not isinstance(outcome, Evidence):
        return "not_measured" if outcome is None else "unreadable"
    try:
        packet = packet_of(frame)
    except MarksError as error:
        found.refused.append(error)
        return "refused"
    if packet is None:
        return "undecided"
    verdict, ours = judge(frame, outcome)
    marks, noted = marks_in(packet), noted_in(packet)
    decision = decided(marks, noted, ours)
    if decision is None:
        return "undecided"
    case = _case(number, outcome, verdict, decision, _her_marks(marks, noted, ours))
    if decision.choice == verdict.answer:
        found.met.append(case)
        return "met"
    if decision.by == "left":
        return "outdated"
    found.unmet.append(case)
    return "unmet"


def _her_marks(marks: SidecarMarks, noted: Marks | None, ours: Marks) -> HerMarks:
    own = hers_among(marks, noted, ours)
    return HerMarks(marks.rating, marks.label, marks.flag, tuple(sorted(own)))


def _case(number: int, evidence: Evidence, verdict: Verdict, decision: Decision, marks: HerMarks) -> Case:
    codes = tuple(reason.code for reason in verdict.reasons)
    return Case(number, nameless(evidence), verdict.answer, codes, decision.choice, decision.by, marks)


def _spread(cases: Sequence[Case], wanted: int) -> list[Case]:
    """Take so many of the cases, evenly spread; all where there are no more."""
    if wanted >= len(cases):
        return list(cases)
    return [cases[place * len(cases) // wanted] for place in range(wanted)]
