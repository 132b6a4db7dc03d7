"""From the verdict on a photo alone to its last one: what its series and the photographer's taste change.

Sets are kept whole; a burst keeps its best; and where a taste acts and promises something about harm, nothing
is rejected but by it, so that the promise holds for the whole verdict. A taste that learned from too few
selects to promise anything picks, and leaves the other verdicts as they are.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from autocull.judge.ranking import Placing
from autocull.judge.settings import Settings
from autocull.judge.texts.reasons import WORDS
from autocull.judge.verdict import Answer, Reason, Verdict
from autocull.series.model import SETS, Kind
from autocull.taste.profile import Selection

_LIGHT = frozenset({"too_dark", "dark_doubtful", "too_bright", "bright_doubtful", "noise", "noise_doubtful"})
_FOCUS = frozenset({"out_of_focus", "motion_blur", "focus_doubtful"})

EXPECTED: Mapping[Kind, frozenset[str]] = MappingProxyType(
    {"bracket": _LIGHT, "focus_stack": _FOCUS, "panorama": frozenset()}
)
"""What a set's frames are allowed to be, since that is what they were taken for."""


def settle(
    verdict: Verdict, placing: Placing | None, selection: Selection | None, settings: Settings
) -> Verdict:
    """Settle a verdict on a photo alone by its place among others and by what the photographer would select.

    With neither it stays as it is. A reason that a better frame gives comes after the photo's own rejecting
    ones; one that the taste gives comes first. In a set, what makes it a set is no ground, and every other
    rejecting ground raises doubt only.
    """
    if placing is not None:
        verdict = _in_set(verdict, placing) if placing.place.kind in SETS else _in_series(verdict, placing)
    if selection is not None:
        verdict = _by_taste(replace(verdict, select=selection), selection, settings)
    return verdict


def acts_for(selection: Selection | None, settings: Settings) -> bool:
    """Whether the photographer's taste acts, and picks the photo."""
    return selection is not None and selection.acts and selection.probability >= settings.select_min


def _in_set(verdict: Verdict, placing: Placing) -> Verdict:
    expected = EXPECTED[placing.place.kind]
    reasons = tuple(reason for reason in verdict.reasons if reason.code not in expected)
    if any(WORDS[reason.code].rejects for reason in reasons):
        reasons = (Reason("kept_whole", 1.0, 1.0), *reasons)
    answer: Answer = "cannot_tell" if reasons else "keep"
    return replace(verdict, answer=answer, reasons=reasons, series=placing.place)


def _in_series(verdict: Verdict, placing: Placing) -> Verdict:
    verdict = replace(verdict, series=placing.place)
    if placing.against is None:
        return verdict
    rejects = WORDS[placing.against.code].rejects
    answer: Answer = "reject" if rejects or verdict.answer == "reject" else "cannot_tell"
    own = [reason for reason in verdict.reasons if WORDS[reason.code].rejects]
    doubts = [reason for reason in verdict.reasons if not WORDS[reason.code].rejects]
    reasons = (*own, placing.against, *doubts) if rejects else (*own, *doubts, placing.against)
    return replace(verdict, answer=answer, reasons=reasons)


def _by_taste(verdict: Verdict, selection: Selection, settings: Settings) -> Verdict:
    if not selection.acts:
        return verdict
    chance, limit = selection.probability, selection.reject_limit
    if acts_for(selection, settings):
        return _with(verdict, "keep", Reason("select_likely", chance, settings.select_min))
    in_set = verdict.series is not None and verdict.series.kind in SETS
    if chance <= limit and not in_set:
        return _with(verdict, "reject", Reason("select_unlikely", chance, limit))
    if verdict.answer == "reject" and limit > 0:
        return _with(verdict, "cannot_tell", Reason("select_spares", chance, limit))
    return verdict


def _with(verdict: Verdict, answer: Answer, reason: Reason) -> Verdict:
    return replace(verdict, answer=answer, reasons=(reason, *verdict.reasons))
