"""Every score of a photo beside its limits, and in words what follows from it: also where nothing does."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from autocull.judge.criteria import (
    MAYBE_DAMAGED,
    focus_unsure,
    frame_blur,
    light_is_bright,
    light_is_dark,
    softness,
)
from autocull.judge.eyes import PhotoEyes, judge_eyes, judge_face, spared
from autocull.judge.settings import Settings, Trust
from autocull.judge.texts.labels import DEFECT_NAMES, limit_of_defect
from autocull.judge.texts.reasons import WORDS, describe, number, place_words
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
    or where the settings have no such limit. `crossed` says on which side of a limit the bad numbers lie.
    """

    code: str
    name: str
    measured: float | None
    outcome: Outcome
    words: str
    reject: float | None = None
    doubt: float | None = None
    crossed: Literal["below", "above"] = "above"
    unit: Literal["percent", "pixels"] = "percent"

    @property
    def number(self) -> str:
        """What was measured, as it stands in a table; a dash where nothing was."""
        return "-" if self.measured is None else number(self.measured, self.unit)


@dataclass(frozen=True, slots=True)
class _Ground:
    """One ground by its name, its settings, what was measured, and the reason that came of it, if any."""

    code: str
    name: str
    trust: Trust
    measured: float
    reject: float
    doubt: float
    reason: Reason | None
    crossed: Literal["below", "above"] = "above"


def scores(evidence: Evidence, verdict: Verdict, settings: Settings) -> tuple[Score, ...]:
    """Every score of a photo in the order of the grounds, each with its limits and what follows from it.

    `verdict` is what `judge` said of the same evidence and settings, and `settle` of it where the photo was
    seen beside others; the reasons in it are told as they are.
    """
    return (
        _overall(verdict),
        _eyes(evidence, verdict, settings),
        _focus(evidence, verdict, settings),
        _second(evidence, settings),
        *_probable(evidence, verdict, settings),
        *_file(evidence, verdict, settings),
        *_series(verdict, settings),
        *_select(verdict, settings),
    )


def _overall(verdict: Verdict) -> Score:
    words = "Eyes, focus, light and defects taken together; it orders photos of the same verdict"
    return Score("score", "Score", verdict.score, "aside", words)


def _eyes(evidence: Evidence, verdict: Verdict, settings: Settings) -> Score:
    eyes = judge_eyes(evidence, settings)
    if eyes.worst is None:
        found = "Faces were found, but no eyes that can be judged" if evidence.faces else "No face was found"
        return Score("eyes", "Eyes open", None, "nothing", found, crossed="below")
    reason = _reason(verdict, "eyes_closed", "eyes_doubtful")
    measured = eyes.worst.open if reason is None else reason.measured
    limits = settings.eyes_reject, settings.eyes_doubt
    ground = _Ground("eyes", "Eyes open", settings.eyes_trust, measured, *limits, reason, "below")
    return _score(ground, _why_eyes_spare(evidence, eyes, settings))


def _why_eyes_spare(evidence: Evidence, eyes: PhotoEyes, settings: Settings) -> str:
    if "closed" not in eyes.states:
        return "not both eyes of the face are surely closed"
    why = spared(evidence, [judge_face(face, settings) for face in evidence.faces], settings)
    if why == "people":
        people, limit = number(evidence.category["people"]), number(settings.eyes_people_min)
        return f"the photo is hardly one of people ({people}, limit {limit})"
    if why == "group":
        return "only a few faces of a large group have closed eyes"
    return "the face whose eyes are surely closed is another one, and stands back"


def _focus(evidence: Evidence, verdict: Verdict, settings: Settings) -> Score:
    soft = softness(evidence.focus, settings)
    reason = _reason(verdict, "out_of_focus", "motion_blur", "focus_doubtful")
    order: tuple[Trust, ...] = ("reject", "doubt", "ignore")
    trust = min(settings.defocus_trust, settings.motion_trust, key=order.index)
    measured = soft.sharp if reason is None else reason.measured
    if trust == "ignore":
        measured = evidence.focus.sharp
    where = "Sharp frame" if settings.focus_on == "frame" else "Sharp subject"
    limits = settings.focus_reject, settings.focus_doubt
    ground = _Ground("focus", where, trust, measured, *limits, reason, "below")
    return _score(ground, _why_focus_spares(evidence, settings))


def _why_focus_spares(evidence: Evidence, settings: Settings) -> str:
    why = focus_unsure(evidence, settings)
    if why == "plain":
        return "the picture is too plain to tell"
    if why == "preview":
        return "only a small preview of the RAW file could be read"
    if why == "second":
        agrees = f"{number(frame_blur(evidence))}, limit {number(settings.focus_second_min)}"
        return f"the whole-frame network does not agree (blur {agrees})"
    return "the part of it that these settings let reject is not large enough"


def _second(evidence: Evidence, settings: Settings) -> Score:
    blur, limit = frame_blur(evidence), settings.focus_second_min
    verb = "agrees" if blur >= limit else "would not agree"
    words = f"The whole-frame network {verb} that the photo is blurred (it does from {number(limit)} on)"
    return Score("second", "Blurred frame", blur, "aside", words)


def _probable(evidence: Evidence, verdict: Verdict, settings: Settings) -> Iterator[Score]:
    """Yield the defects that are grounds by themselves."""
    light, chances = evidence.exposure, evidence.defects
    grounds = (
        ("too_dark", "dark", "" if light_is_dark(light, settings) else "the measured light is not dark"),
        ("too_bright", "bright", "" if light_is_bright(light, settings) else "the measured light is not so"),
        ("lens_flare", "flare", ""),
        ("low_quality", "quality", ""),
        ("noise", "noise", ""),
    )
    for code, prefix, spares in grounds:
        reason = _reason(verdict, code, f"{prefix}_doubtful")
        trust: Trust = getattr(settings, f"{prefix}_trust")
        reject: float = getattr(settings, f"{prefix}_reject")
        doubt = limit_of_defect(code, settings)
        yield _score(_Ground(code, DEFECT_NAMES[code], trust, chances[code], reject, doubt, reason), spares)


def _file(evidence: Evidence, verdict: Verdict, settings: Settings) -> Iterator[Score]:
    """Yield the picture's size, and what contradicts itself in the file."""
    side, least = max(evidence.width, evidence.height), settings.resolution_doubt
    small = _reason(verdict, "low_resolution")
    words = f"In doubt below {least} px" if small is None else describe(small)
    outcome: Outcome = "passes" if small is None else "doubt"
    yield Score("resolution", "Long side", side, outcome, words, None, least, "below", "pixels")
    if MAYBE_DAMAGED in evidence.remarks:
        yield _damage(_reason(verdict, "damaged", "damage_doubtful"))


def _damage(reason: Reason | None) -> Score:
    if reason is None:
        words = "The file's data contradict themselves; not heard in these settings"
        return Score("damage", "Damage", 1.0, "unheard", words)
    rejects = reason.code == "damaged"
    return Score("damage", "Damage", 1.0, "rejects" if rejects else "doubt", describe(reason))


def _series(verdict: Verdict, settings: Settings) -> Iterator[Score]:
    """Yield the photo's merit beside its siblings, where it has any."""
    place = verdict.series
    if place is None or place.size == 1:
        return
    name, where = "Beside its series", place_words(place)
    reason = _reason(verdict, "better_in_series", "better_doubtful", "copy", "copy_doubtful")
    if reason is None:
        heard = settings.series_trust != "ignore"
        yield Score("series", name, None, "passes" if heard else "unheard", where, crossed="below")
        return
    word = WORDS[reason.code]
    measured = reason.measured if word.unit == "percent" else None
    outcome: Outcome = "rejects" if word.rejects else "doubt"
    yield Score("series", name, measured, outcome, f"{where}. {describe(reason)}", crossed="below")


def _select(verdict: Verdict, settings: Settings) -> Iterator[Score]:
    """Yield what the photographer's taste says, where one was asked."""
    said = verdict.select
    if said is None:
        return
    name, chance = "You would select it", said.probability
    if not said.acts:
        words = f"Shown only: the taste {said.profile} is not yet better than the networks alone"
        yield Score("select", name, chance, "aside", words, crossed="below")
        return
    words = f"Rejected up to {number(said.reject_limit)}, picked from {number(settings.select_min)} on"
    outcome: Outcome = "rejects" if _reason(verdict, "select_unlikely") else "passes"
    yield Score("select", name, chance, outcome, words, said.reject_limit, crossed="below")


def _reason(verdict: Verdict, *codes: str) -> Reason | None:
    return next((reason for reason in verdict.reasons if reason.code in codes), None)


def _score(ground: _Ground, spares: str) -> Score:
    """Tell a ground; `spares` is why it could not reject, should it have wanted to."""
    outcome, words = _told(ground, spares)
    reject = ground.reject if ground.trust == "reject" else None
    doubt = None if ground.trust == "ignore" else ground.doubt
    return Score(ground.code, ground.name, ground.measured, outcome, words, reject, doubt, ground.crossed)


def _told(ground: _Ground, spares: str) -> tuple[Outcome, str]:
    if ground.trust == "ignore":
        return "unheard", "Not heard in these settings"
    if ground.reason is None:
        return "passes", _limits(ground)
    if not ground.reason.code.endswith("_doubtful"):
        return "rejects", describe(ground.reason)
    return "doubt", describe(ground.reason) + _held_back(ground, spares)


def _limits(ground: _Ground) -> str:
    reject, doubt = number(ground.reject), number(ground.doubt)
    if ground.crossed == "below":
        doubts, rejects = f"In doubt at {doubt} or less", f"rejected at {reject} or less"
    else:
        doubts, rejects = f"In doubt from {doubt} on", f"rejected from {reject} on"
    return f"{doubts}, {rejects}" if ground.trust == "reject" else doubts


def _held_back(ground: _Ground, spares: str) -> str:
    """Say why a number that lies past the limit for rejecting raises no more than doubt."""
    low = ground.crossed == "below"
    past = ground.measured <= ground.reject if low else ground.measured >= ground.reject
    if not past:
        return ""
    why = "these settings let it raise no more" if ground.trust == "doubt" else spares
    return f"; no more than a doubt, because {why}" if why else ""
