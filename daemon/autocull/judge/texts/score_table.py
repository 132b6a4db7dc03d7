"""Every score of a photo beside its limits, and in words what follows from it: also where nothing does."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from autocull.judge.criteria import (
    MAYBE_DAMAGED,
    compute_softness,
    focus_doubt_reason,
    frame_blur,
    light_is_bright,
    light_is_dark,
)
from autocull.judge.eyes import PhotoEyes, eyes_doubt_reason, judge_eyes, judge_face
from autocull.judge.settings import Settings, Trust
from autocull.judge.texts.labels import DEFECT_NAMES, limit_of_defect
from autocull.judge.texts.reasons import REASON_TEXTS, describe, describe_position, format_number
from autocull.judge.verdict import Reason, Verdict
from autocull.measure.evidence import Evidence

Outcome = Literal["passes", "doubt", "rejects", "unheard", "nothing", "aside"]
"""What a score does to the verdict: nothing against the photo, a doubt, a reject; it is not heard in these
settings; there was nothing to measure; or it stands beside and decides nothing alone."""

OUTCOME_WORDS: Mapping[Outcome, str] = MappingProxyType(
    {
        "passes": "passes",
        "doubt": "doubt",
        "rejects": "rejects",
        "unheard": "not heard",
        "nothing": "-",
        "aside": "",
    }
)


@dataclass(frozen=True, slots=True)
class Score:
    """One measured number with what it is measured against.

    `measured`, `reject` and `doubt` are 0-1, or pixels where `unit` says so; None where nothing was measured,
    or where the settings have no such limit. `bad_side` says on which side of a limit the bad numbers lie.
    """

    code: str
    name: str
    measured: float | None
    outcome: Outcome
    words: str
    reject: float | None = None
    doubt: float | None = None
    bad_side: Literal["below", "above"] = "above"
    unit: Literal["percent", "pixels"] = "percent"

    @property
    def number(self) -> str:
        """What was measured, as it stands in a table; a dash where nothing was."""
        return "-" if self.measured is None else format_number(self.measured, self.unit)


@dataclass(frozen=True, slots=True)
class _Criterion:
    """One ground by its name, its settings, what was measured, and the reason that came of it, if any."""

    code: str
    name: str
    trust: Trust
    measured: float
    reject: float
    doubt: float
    reason: Reason | None
    bad_side: Literal["below", "above"] = "above"


def list_scores(evidence: Evidence, verdict: Verdict, settings: Settings) -> tuple[Score, ...]:
    """Every score of a photo in the order of the grounds, each with its limits and what follows from it.

    `verdict` is what `judge` said of the same evidence and settings, and `settle` of it where the photo was
    seen beside others; the reasons in it are told as they are.
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
    words = "Eyes, focus, light and defects taken together; it orders photos of the same verdict"
    return Score("score", "Score", verdict.score, "aside", words)


def _eyes_score(evidence: Evidence, verdict: Verdict, settings: Settings) -> Score:
    eyes = judge_eyes(evidence, settings)
    if eyes.worst is None:
        text = "Faces were found, but no eyes that can be judged" if evidence.faces else "No face was found"
        return Score("eyes", "Eyes open", None, "nothing", text, bad_side="below")
    reason = _find_reason(verdict, "eyes_closed", "eyes_doubtful")
    measured = eyes.worst.open if reason is None else reason.measured
    limits = settings.eyes_reject, settings.eyes_doubt
    criterion = _Criterion("eyes", "Eyes open", settings.eyes_trust, measured, *limits, reason, "below")
    return _make_score(criterion, _eyes_doubt_text(evidence, eyes, settings))


def _eyes_doubt_text(evidence: Evidence, eyes: PhotoEyes, settings: Settings) -> str:
    if "closed" not in eyes.states:
        return "not both eyes of the face are surely closed"
    cause = eyes_doubt_reason(evidence, [judge_face(face, settings) for face in evidence.faces], settings)
    if cause == "people":
        people, limit = format_number(evidence.category["people"]), format_number(settings.eyes_people_min)
        return f"the photo is hardly one of people ({people}, limit {limit})"
    if cause == "group":
        return "only a few faces of a large group have closed eyes"
    return "the face whose eyes are surely closed is another one, and stands back"


def _focus_score(evidence: Evidence, verdict: Verdict, settings: Settings) -> Score:
    soft = compute_softness(evidence.focus, settings)
    reason = _find_reason(verdict, "out_of_focus", "motion_blur", "focus_doubtful")
    order: tuple[Trust, ...] = ("reject", "doubt", "ignore")
    trust = min(settings.defocus_trust, settings.motion_trust, key=order.index)
    measured = soft.sharp if reason is None else reason.measured
    if trust == "ignore":
        measured = evidence.focus.sharp
    name = "Sharp frame" if settings.focus_on == "frame" else "Sharp subject"
    limits = settings.focus_reject, settings.focus_doubt
    criterion = _Criterion("focus", name, trust, measured, *limits, reason, "below")
    return _make_score(criterion, _focus_doubt_text(evidence, settings))


def _focus_doubt_text(evidence: Evidence, settings: Settings) -> str:
    cause = focus_doubt_reason(evidence, settings)
    if cause == "plain":
        return "the picture is too plain to tell"
    if cause == "preview":
        return "only a small preview of the RAW file could be read"
    if cause == "second":
        comparison = (
            f"{format_number(frame_blur(evidence))}, limit {format_number(settings.focus_second_min)}"
        )
        return f"the whole-frame network does not agree (blur {comparison})"
    return "the part of it that these settings let reject is not large enough"


def _blur_score(evidence: Evidence, settings: Settings) -> Score:
    blur, limit = frame_blur(evidence), settings.focus_second_min
    verb = "agrees" if blur >= limit else "would not agree"
    words = (
        f"The whole-frame network {verb} that the photo is blurred (it does from {format_number(limit)} on)"
    )
    return Score("second", "Blurred frame", blur, "aside", words)


def _defect_scores(evidence: Evidence, verdict: Verdict, settings: Settings) -> Iterator[Score]:
    """Yield the defects that are grounds by themselves."""
    light, chances = evidence.exposure, evidence.defects
    criteria = (
        ("too_dark", "dark", "" if light_is_dark(light, settings) else "the measured light is not dark"),
        ("too_bright", "bright", "" if light_is_bright(light, settings) else "the measured light is not so"),
        ("lens_flare", "flare", ""),
        ("low_quality", "quality", ""),
        ("noise", "noise", ""),
    )
    for code, prefix, exemption in criteria:
        reason = _find_reason(verdict, code, f"{prefix}_doubtful")
        trust: Trust = getattr(settings, f"{prefix}_trust")
        reject: float = getattr(settings, f"{prefix}_reject")
        doubt = limit_of_defect(code, settings)
        yield _make_score(
            _Criterion(code, DEFECT_NAMES[code], trust, chances[code], reject, doubt, reason), exemption
        )


def _file_scores(evidence: Evidence, verdict: Verdict, settings: Settings) -> Iterator[Score]:
    """Yield the picture's size, and what contradicts itself in the file."""
    side, min_side = max(evidence.width, evidence.height), settings.resolution_doubt
    reason = _find_reason(verdict, "low_resolution")
    words = f"In doubt below {min_side} px" if reason is None else describe(reason)
    outcome: Outcome = "passes" if reason is None else "doubt"
    yield Score("resolution", "Long side", side, outcome, words, None, min_side, "below", "pixels")
    if MAYBE_DAMAGED in evidence.remarks:
        yield _damage_score(_find_reason(verdict, "damaged", "damage_doubtful"))


def _damage_score(reason: Reason | None) -> Score:
    if reason is None:
        words = "The file's data contradict themselves; not heard in these settings"
        return Score("damage", "Damage", 1.0, "unheard", words)
    rejects = reason.code == "damaged"
    return Score("damage", "Damage", 1.0, "rejects" if rejects else "doubt", describe(reason))


def _series_scores(verdict: Verdict, settings: Settings) -> Iterator[Score]:
    """Yield the photo's merit beside its siblings, where it has any."""
    position = verdict.series
    if position is None or position.size == 1:
        return
    name, position_text = "Beside its series", describe_position(position)
    reason = _find_reason(verdict, "better_in_series", "better_doubtful", "copy", "copy_doubtful")
    if reason is None:
        considered = settings.series_trust != "ignore"
        yield Score(
            "series", name, None, "passes" if considered else "unheard", position_text, bad_side="below"
        )
        return
    reason_text = REASON_TEXTS[reason.code]
    measured = reason.measured if reason_text.unit == "percent" else None
    outcome: Outcome = "rejects" if reason_text.rejects else "doubt"
    yield Score("series", name, measured, outcome, f"{position_text}. {describe(reason)}", bad_side="below")


def _select_scores(verdict: Verdict, settings: Settings) -> Iterator[Score]:
    """Yield what the photographer's taste says, where one was asked."""
    selection = verdict.select
    if selection is None:
        return
    name, chance = "You would select it", selection.probability
    if not selection.acts:
        words = f"Shown only: the taste {selection.profile} is not yet better than the networks alone"
        yield Score("select", name, chance, "aside", words, bad_side="below")
        return
    reject, select = format_number(selection.reject_limit), format_number(settings.select_min)
    words = f"Rejected up to {reject}, picked from {select} on"
    outcome: Outcome = "rejects" if _find_reason(verdict, "select_unlikely") else "passes"
    yield Score("select", name, chance, outcome, words, selection.reject_limit, bad_side="below")


def _find_reason(verdict: Verdict, *codes: str) -> Reason | None:
    return next((reason for reason in verdict.reasons if reason.code in codes), None)


def _make_score(criterion: _Criterion, exemption: str) -> Score:
    """Tell a ground; `exemption` is why it could not reject, should it have wanted to."""
    outcome, words = _outcome_of(criterion, exemption)
    reject = criterion.reject if criterion.trust == "reject" else None
    doubt = None if criterion.trust == "ignore" else criterion.doubt
    return Score(
        criterion.code, criterion.name, criterion.measured, outcome, words, reject, doubt, criterion.bad_side
    )


def _outcome_of(criterion: _Criterion, exemption: str) -> tuple[Outcome, str]:
    if criterion.trust == "ignore":
        return "unheard", "Not heard in these settings"
    if criterion.reason is None:
        return "passes", _format_limits(criterion)
    if not criterion.reason.code.endswith("_doubtful"):
        return "rejects", describe(criterion.reason)
    return "doubt", describe(criterion.reason) + _describe_exemption(criterion, exemption)


def _format_limits(criterion: _Criterion) -> str:
    reject, doubt = format_number(criterion.reject), format_number(criterion.doubt)
    if criterion.bad_side == "below":
        doubts, rejects = f"In doubt at {doubt} or less", f"rejected at {reject} or less"
    else:
        doubts, rejects = f"In doubt from {doubt} on", f"rejected from {reject} on"
    return f"{doubts}, {rejects}" if criterion.trust == "reject" else doubts


def _describe_exemption(criterion: _Criterion, exemption: str) -> str:
    """Say why a number that lies past the limit for rejecting raises no more than doubt."""
    low = criterion.bad_side == "below"
    past = criterion.measured <= criterion.reject if low else criterion.measured >= criterion.reject
    if not past:
        return ""
    cause = "these settings let it raise no more" if criterion.trust == "doubt" else exemption
    return f"; no more than a doubt, because {cause}" if cause else ""
