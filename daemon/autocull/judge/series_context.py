"""Adjustment of the verdict on a photo alone by its series and by the photographer's taste.

Sets are kept whole, and a burst keeps its best frames. Where a taste acts and has a harm bound, only the
taste
rejects, so that the bound holds for the whole verdict. A taste that learned from too few selects to have a
bound picks photos, and leaves the other verdicts as they are.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from autocull.judge.criteria import CRITERIA
from autocull.judge.ranking import RankResult
from autocull.judge.settings import Settings
from autocull.judge.texts import REASON_TEXTS
from autocull.judge.verdict import Answer, Reason, Verdict
from autocull.series import SETS, Kind
from autocull.taste import Selection

EXPECTED_CODES: Mapping[Kind, frozenset[str]] = MappingProxyType(
    {
        kind: frozenset(
            code for criterion in CRITERIA if criterion.expected_in == kind for code in criterion.codes
        )
        for kind in SETS
    }
)
"""The codes that do not count in a set of each kind: such frames are taken for the sake of them."""

_MAX_DOUBTFUL_BRACKET = 2
"""Frames of a bracket that may also be a wrong exposure and the next try: their codes raise a doubt."""


def adjust_for_series(
    verdict: Verdict, rank_result: RankResult | None, selection: Selection | None, settings: Settings
) -> Verdict:
    """Adjust the verdict on a photo alone by its position in a series and by the taste's selection.

    Without either it is returned as it is. The reason of a better frame comes after the photo's own rejecting
    ones, that of the taste first. In a set, the codes that are expected there are dropped, and every other
    rejecting reason only raises a doubt.
    """
    if rank_result is not None:
        verdict = (
            _adjust_in_set(verdict, rank_result)
            if rank_result.position.kind in SETS
            else _adjust_in_series(verdict, rank_result)
        )
    if selection is not None:
        verdict = _adjust_by_taste(replace(verdict, select=selection), selection, settings)
    return verdict


def taste_picks(selection: Selection | None, settings: Settings) -> bool:
    """Whether the photographer's taste acts and picks the photo."""
    return selection is not None and selection.acts and selection.probability >= settings.select_min


def _adjust_in_set(verdict: Verdict, rank_result: RankResult) -> Verdict:
    position = rank_result.position
    doubtful = position.kind == "bracket" and position.size <= _MAX_DOUBTFUL_BRACKET
    expected_codes = frozenset() if doubtful else EXPECTED_CODES[position.kind]
    reasons = tuple(reason for reason in verdict.reasons if reason.code not in expected_codes)
    if any(REASON_TEXTS[reason.code].rejects for reason in reasons):
        reasons = (Reason("kept_whole", 1.0, 1.0), *reasons)
    doubted = any(not REASON_TEXTS[reason.code].keeps for reason in reasons)
    answer: Answer = "cannot_tell" if doubted else "keep"
    return replace(verdict, answer=answer, reasons=reasons, series=position)


def _adjust_in_series(verdict: Verdict, rank_result: RankResult) -> Verdict:
    verdict = replace(verdict, series=rank_result.position)
    if rank_result.reason is None:
        return verdict
    rejects = REASON_TEXTS[rank_result.reason.code].rejects
    answer: Answer = "reject" if rejects or verdict.answer == "reject" else "cannot_tell"
    rejecting = [reason for reason in verdict.reasons if REASON_TEXTS[reason.code].rejects]
    doubts = [reason for reason in verdict.reasons if not REASON_TEXTS[reason.code].rejects]
    reasons = (
        (*rejecting, rank_result.reason, *doubts) if rejects else (*rejecting, *doubts, rank_result.reason)
    )
    return replace(verdict, answer=answer, reasons=reasons)


def _adjust_by_taste(verdict: Verdict, selection: Selection, settings: Settings) -> Verdict:
    if not selection.acts:
        return verdict
    chance, limit = selection.probability, selection.reject_limit
    if taste_picks(selection, settings):
        return _with_reason(verdict, "keep", Reason("select_likely", chance, settings.select_min))
    in_set = verdict.series is not None and verdict.series.kind in SETS
    if chance <= limit and not in_set:
        return _with_reason(verdict, "reject", Reason("select_unlikely", chance, limit))
    if verdict.answer == "reject" and limit > 0:
        return _with_reason(verdict, "cannot_tell", Reason("select_spares", chance, limit))
    return verdict


def _with_reason(verdict: Verdict, answer: Answer, reason: Reason) -> Verdict:
    return replace(verdict, answer=answer, reasons=(reason, *verdict.reasons))
