"""Score tables: every measured number of a photo with its limits and with what follows from it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Literal, NamedTuple

from autocull.judge.criteria import (
    DAMAGE,
    DEFECT_CRITERIA,
    DEFOCUS,
    EYES,
    MOTION,
    RESOLUTION,
    sharpness_limits,
)
from autocull.judge.criterion import BadSide, Limits
from autocull.judge.eyes import EyesDoubtReason, PhotoEyes, judge_eyes
from autocull.judge.findings import (
    MAYBE_DAMAGED,
    VIEWED_SIDE,
    compute_softness,
    focus_doubt_reason,
    frame_blur_probability,
    measure_extent,
)
from autocull.judge.pages import judged_defects
from autocull.judge.settings import Settings
from autocull.judge.texts.reasons import (
    REASON_TEXTS,
    describe,
    describe_extent,
    describe_position,
    format_number,
)
from autocull.judge.verdict import Reason, Verdict
from autocull.measure import Evidence

Outcome = Literal["passes", "doubt", "rejects", "ignored", "not_measured", "shown"]
"""What follows from a score.

It passes, raises a doubt, or rejects; the settings ignore it; there was nothing to measure; or it is only
shown, and decides nothing by itself.
"""

OUTCOME_WORDS: Mapping[Outcome, str] = MappingProxyType(
    {
        "passes": "passes",
        "doubt": "doubt",
        "rejects": "rejects",
        "ignored": "ignored",
        "not_measured": "-",
        "shown": "",
    }
)


_EYES_SPARED: Mapping[EyesDoubtReason, str] = MappingProxyType(
    {
        "purpose": "the eyes are perhaps closed on purpose",
        "lids": "the lids do not surely agree that they are closed",
        "group": "only a few faces of a large group have closed eyes",
    }
)


@dataclass(frozen=True, slots=True)
class Score:
    """One measured number with its limits.

    `measured`, `reject` and `doubt` are 0-1, or pixels by `unit`; None where nothing was measured, or where
    the settings have no such limit. `bad_side` is the side of a limit on which the bad numbers lie.
    """

    code: str
    name: str
    measured: float | None
    outcome: Outcome
    words: str
    reject: float | None = None
    doubt: float | None = None
    bad_side: BadSide = "above"
    unit: Literal["percent", "pixels"] = "percent"

    @property
    def number(self) -> str:
        """The measured number as text; a dash where there is none."""
        return "-" if self.measured is None else format_number(self.measured, self.unit)


_PAGE_TEXT = "Not judged, because the picture looks like a page or a screenshot"


class _Comparison(NamedTuple):
    """A measured number (0-1), the limits of its criterion, and the reason that follows from them, if any."""

    measured: float
    limits: Limits
    reason: Reason | None
    bad_side: BadSide


def list_scores(evidence: Evidence, verdict: Verdict, settings: Settings) -> tuple[Score, ...]:
    """Return every score of a photo in the order of the criteria, with its limits and what follows from it.

    `verdict` is that of `judge` on the same evidence and settings, adjusted by `adjust_for_series` where the
    photo was judged within its series.
    """
    return (
        _overall_score(verdict),
        _eyes_score(evidence, verdict, settings),
        _focus_score(evidence, verdict, settings),
        _blur_score(evidence, settings),
        *_defect_scores(evidence, verdict, settings),
        *_file_scores(evidence, verdict, settings),
        *_series_scores(verdict, settings),
        *_select_scores(verdict, settings),
    )


def _overall_score(verdict: Verdict) -> Score:
    words = "Product of eyes, focus, light and defects; it orders photos of the same verdict"
    return Score("score", "Score", verdict.score, "shown", words)


def _eyes_score(evidence: Evidence, verdict: Verdict, settings: Settings) -> Score:
    eyes = judge_eyes(evidence, settings)
    deciding = eyes.worst or eyes.on_purpose
    if deciding is None:
        text = "Faces were found, but no eyes that can be judged" if evidence.faces else "No face was found"
        return Score("eyes", EYES.title, None, "not_measured", text, bad_side="below")
    reason = _find_reason(verdict, *EYES.codes)
    measured = deciding.open if reason is None else reason.measured
    comparison = _Comparison(measured, EYES.limits(settings), reason, EYES.bad_side)
    return _make_score("eyes", EYES.title, comparison, _eyes_doubt_text(evidence, eyes, settings))


def _eyes_doubt_text(evidence: Evidence, eyes: PhotoEyes, settings: Settings) -> str:
    if "closed" not in eyes.states:
        return "not both eyes of the face are surely closed"
    if eyes.spared == "people":
        people, limit = format_number(evidence.category["people"]), format_number(settings.eyes_people_min)
        return f"the photo is hardly one of people ({people}, limit {limit})"
    if eyes.spared is not None:
        return _EYES_SPARED[eyes.spared]
    return "the face whose eyes are surely closed is another, less prominent one"


def _focus_score(evidence: Evidence, verdict: Verdict, settings: Settings) -> Score:
    soft = compute_softness(evidence.focus, settings)
    remark = MOTION.remark_code  # it has the number of the whole frame, which is in the next score
    reason = _find_reason(verdict, *(code for code in (*DEFOCUS.codes, *MOTION.codes) if code != remark))
    limits = sharpness_limits(settings)
    measured = soft.sharp if reason is None else reason.measured
    if limits.trust == "ignore":
        measured = evidence.focus.sharp
    name = "Sharp frame" if settings.focus_on == "frame" else "Sharp subject"
    comparison = _Comparison(measured, limits, reason, DEFOCUS.bad_side)
    score = _make_score("focus", name, comparison, _focus_doubt_text(evidence, settings))
    extent = describe_blur(evidence, verdict)
    return replace(score, words=f"{score.words}. {extent}") if extent else score


def describe_blur(evidence: Evidence, verdict: Verdict) -> str:
    """Describe how wide the subject's missed focus is; "" where it is unknown or a reason describes it."""
    extent = measure_extent(evidence)
    if extent is None or any(reason.blur is not None for reason in verdict.reasons):
        return ""
    return f"The missed focus is {describe_extent(extent)}"


def _focus_doubt_text(evidence: Evidence, settings: Settings) -> str:
    cause = focus_doubt_reason(evidence, settings)
    if cause == "plain":
        return "the picture is too plain to tell"
    if cause == "small":
        return f"the picture has too few pixels, and may be enlarged (limit {settings.focus_size_min} px)"
    if cause == "slight":
        width = evidence.focus.blur * VIEWED_SIDE
        return f"the blur is only {width:.0f} px wide at {VIEWED_SIDE} px (limit {settings.focus_blur_min:g})"
    if cause == "preview":
        return "only a small preview of the RAW file could be read"
    if cause == "second":
        blur = format_number(frame_blur_probability(evidence))
        limit = format_number(settings.focus_second_min)
        return f"the whole-frame network does not agree (blur {blur}, limit {limit})"
    return "the share of it that may reject in these settings is not large enough"


def _blur_score(evidence: Evidence, settings: Settings) -> Score:
    blur, limit = frame_blur_probability(evidence), settings.focus_second_min
    verb = "agrees" if blur >= limit else "would not agree"
    words = (
        f"The whole-frame network {verb} that the photo is blurred (it does from {format_number(limit)} on)"
    )
    return Score("second", "Blurred frame", blur, "shown", words)


def _defect_scores(evidence: Evidence, verdict: Verdict, settings: Settings) -> Iterator[Score]:
    """Yield the scores of the labels of the defects network that have their own limits."""
    judged = judged_defects(evidence, settings)
    for criterion in DEFECT_CRITERIA:
        if criterion not in judged:
            chance = evidence.defects[criterion.label]
            yield Score(criterion.label, criterion.title, chance, "ignored", _PAGE_TEXT)
            continue
        reason = _find_reason(verdict, *criterion.codes)
        confirmed = criterion.is_confirmed(evidence, settings)
        comparison = _Comparison(
            evidence.defects[criterion.label], criterion.limits(settings), reason, criterion.bad_side
        )
        yield _make_score(
            criterion.label, criterion.title, comparison, "" if confirmed else criterion.unconfirmed
        )


def _file_scores(evidence: Evidence, verdict: Verdict, settings: Settings) -> Iterator[Score]:
    """Yield the scores of the picture's size and, where the reader remarked it, of damage."""
    side, min_side = max(evidence.width, evidence.height), settings.resolution_doubt
    reason = _find_reason(verdict, *RESOLUTION.codes)
    words = f"In doubt below {min_side} px" if reason is None else describe(reason)
    outcome: Outcome = "passes" if reason is None else "doubt"
    yield Score("resolution", RESOLUTION.title, side, outcome, words, None, min_side, "below", "pixels")
    if MAYBE_DAMAGED in evidence.remarks:
        yield _damage_score(_find_reason(verdict, *DAMAGE.codes))


def _damage_score(reason: Reason | None) -> Score:
    if reason is None:
        words = "The file's data contradict themselves; ignored by these settings"
        return Score("damage", DAMAGE.title, 1.0, "ignored", words)
    rejects = reason.code == DAMAGE.reject_code
    return Score("damage", DAMAGE.title, 1.0, "rejects" if rejects else "doubt", describe(reason))


def _series_scores(verdict: Verdict, settings: Settings) -> Iterator[Score]:
    """Yield the photo's merit within its series, where it has one."""
    position = verdict.series
    if position is None or position.size == 1:
        return
    name, position_text = "In its series", describe_position(position)
    codes = ("blink_in_series", "better_in_series", "better_doubtful", "copy", "copy_doubtful")
    reason = _find_reason(verdict, *codes)
    if reason is None:
        considered = settings.series_trust != "ignore"
        yield Score(
            "series", name, None, "passes" if considered else "ignored", position_text, bad_side="below"
        )
        return
    reason_text = REASON_TEXTS[reason.code]
    measured = reason.measured if reason_text.unit == "percent" else None
    outcome: Outcome = "rejects" if reason_text.rejects else "doubt"
    yield Score("series", name, measured, outcome, f"{position_text}. {describe(reason)}", bad_side="below")


def _select_scores(verdict: Verdict, settings: Settings) -> Iterator[Score]:
    """Yield the prediction of the photographer's taste, where there is one."""
    selection = verdict.select
    if selection is None:
        return
    name, chance = "You would select it", selection.probability
    if not selection.acts:
        words = f"Shown only: the taste {selection.profile} is not yet better than the networks alone"
        yield Score("select", name, chance, "shown", words, bad_side="below")
        return
    reject, select = format_number(selection.reject_limit), format_number(settings.select_min)
    words = f"Rejected up to {reject}, picked from {select} on"
    outcome: Outcome = "rejects" if _find_reason(verdict, "select_unlikely") else "passes"
    yield Score("select", name, chance, outcome, words, selection.reject_limit, bad_side="below")


def _find_reason(verdict: Verdict, *codes: str) -> Reason | None:
    return next((reason for reason in verdict.reasons if reason.code in codes), None)


def _make_score(code: str, name: str, comparison: _Comparison, exemption: str) -> Score:
    """Make the score of a criterion; `exemption` is why a number past the limit could not reject."""
    measured, limits, _, bad_side = comparison
    outcome, words = _describe_outcome(comparison, exemption)
    reject = limits.reject if limits.trust == "reject" else None
    doubt = None if limits.trust == "ignore" else limits.doubt
    return Score(code, name, measured, outcome, words, reject, doubt, bad_side)


def _describe_outcome(comparison: _Comparison, exemption: str) -> tuple[Outcome, str]:
    reason = comparison.reason
    if comparison.limits.trust == "ignore":
        return "ignored", "Ignored by these settings"
    if reason is None:
        return "passes", _format_limits(comparison.limits, comparison.bad_side)
    if REASON_TEXTS[reason.code].rejects:
        return "rejects", describe(reason)
    if REASON_TEXTS[reason.code].keeps:
        return "passes", describe(reason)
    return "doubt", describe(reason) + _describe_exemption(comparison, exemption)


def _format_limits(limits: Limits, bad_side: BadSide) -> str:
    reject, doubt = format_number(limits.reject), format_number(limits.doubt)
    if bad_side == "below":
        doubts, rejects = f"In doubt at {doubt} or less", f"rejected at {reject} or less"
    else:
        doubts, rejects = f"In doubt from {doubt} on", f"rejected from {reject} on"
    return f"{doubts}, {rejects}" if limits.trust == "reject" else doubts


def _describe_exemption(comparison: _Comparison, exemption: str) -> str:
    """Return why a number past the limit for rejecting only raises a doubt; "" where it is not past it."""
    measured, limits, _, bad_side = comparison
    past = measured <= limits.reject if bad_side == "below" else measured >= limits.reject
    if not past:
        return ""
    cause = "these settings do not let it reject" if limits.trust == "doubt" else exemption
    return f"; only a doubt, because {cause}" if cause else ""
