"""A verdict told at three lengths: one line, a paragraph, and how the networks came to their numbers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

from autocull.judge.settings import Settings
from autocull.judge.texts.labels import category_labels, top_labels
from autocull.judge.texts.reasons import REASON_TEXTS, describe, describe_position, format_number
from autocull.judge.texts.score_table import Score, list_scores
from autocull.judge.verdict import Verdict
from autocull.measure.evidence import Evidence

ANSWERS: Mapping[str, str] = MappingProxyType(
    {"keep": "Keep", "reject": "Reject", "cannot_tell": "Cannot tell"}
)

DETECTOR_TEXTS: Mapping[str, str] = MappingProxyType(
    {
        "faces": "A detector looks at the whole picture, and again at parts of it where faces may be small. "
        "A mesh laid on each find confirms that it is a face, and says where its eyes lie and how it is "
        "turned. The larger a face beside the largest one, the more it has to say.",
        "eyes": "A square around each eye is cut out at full resolution, stood upright and made grey, and "
        "its light and contrast are evened out, so that neither lamp nor skin decides. The network answers "
        "with the probability that the eye is open. What small, turned, bowed or covered eyes may say is "
        "limited.",
        "focus": "Tiles are cut at a scale where every camera's pixels mean the same, and evened out "
        "likewise. Each is sharp, out of focus or moved, with a probability. In a photo of people the tiles "
        "at the eyes answer; otherwise those where the subject most likely is.",
        "defects": "The network sees the whole picture small, some places of it closely, and how its light "
        "is spread. It gives each fault a probability of its own, so several may be likely at once.",
        "category": "The network sees the whole picture small, and is told how many faces there are and how "
        "large. It shares one certainty out among all categories, so only one can be likely.",
        "likeness": "The network sees the whole picture small, its tones evened out so that exposure does "
        "not decide. Its numbers say nothing of a photo alone: those of two photos are near where both show "
        "the same scene, and patches of them say what is where, so that a series can be told.",
    }
)
"""What each member looks at, and what its numbers mean."""

_SUBJECT_SOURCES: Mapping[str, str] = MappingProxyType(
    {
        "eyes": "at the eyes",
        "face": "on the faces",
        "region": "where the subject most likely is",
    }
)
_STATES = (("open", "open eyes"), ("closed", "closed eyes"), ("cannot_tell", "eyes that cannot be judged"))
_VERDICT_TEXT = (
    "No network decides. Each number is compared with its limits in the settings, as listed above: past "
    "the one for rejecting the photo is rejected, past the one for doubts only, nobody can tell. Where two "
    "ways of looking must agree (tiles and whole frame, network and measured light) and do not, a doubt "
    "remains."
)


def summarise_verdict(verdict: Verdict) -> str:
    """The verdict in one line: the answer, its gravest reason, and how many more there are."""
    answer = ANSWERS[verdict.answer]
    if not verdict.reasons:
        return f"{answer}: nothing speaks against it (score {format_number(verdict.score)})"
    more = len(verdict.reasons) - 1
    rest = f", and {more} more {'reason' if more == 1 else 'reasons'}" if more else ""
    return f"{answer}: {describe(verdict.reasons[0])}{rest}"


def explain_verdict(evidence: Evidence, verdict: Verdict, settings: Settings) -> str:
    """The verdict in a paragraph: why, what to do, what was seen, and what came nearest to a limit."""
    return " ".join(_sentences(evidence, verdict, settings))


def describe_detectors(evidence: Evidence, configs: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """A paragraph on each member that spoke, and one on how the verdict follows.

    `configs` holds each member's `config.json` by its name; raises KeyError for a member without words.
    """
    texts = [_describe_detector(name, version, configs[name]) for name, version in evidence.models.items()]
    return [*texts, f"The verdict: {_VERDICT_TEXT}"]


def _sentences(evidence: Evidence, verdict: Verdict, settings: Settings) -> Iterator[str]:
    yield from _explain_answer(verdict)
    if verdict.series is not None and verdict.series.size > 1:
        yield f"{describe_position(verdict.series)}."
    yield from _advice(verdict)
    yield _people(evidence, verdict)
    yield _sharpness(evidence)
    yield _scene(evidence, settings)
    yield from _faults(evidence, settings)
    yield from _nearest(list_scores(evidence, verdict, settings))


def _explain_answer(verdict: Verdict) -> Iterator[str]:
    openings = {
        "keep": "The photo is kept, because nothing speaks against it.",
        "reject": "The photo is rejected, and one ground is enough for that:",
        "cannot_tell": "Nobody can tell from the numbers whether the photo is good:",
    }
    grounds = "; ".join(_lower_first(describe(reason)) for reason in verdict.reasons)
    yield f"{openings[verdict.answer]} {grounds}." if grounds else openings[verdict.answer]


def _advice(verdict: Verdict) -> Iterator[str]:
    """Yield what to do about each reason, each advice once."""
    yield from dict.fromkeys(REASON_TEXTS[reason.code].advice for reason in verdict.reasons)


def _people(evidence: Evidence, verdict: Verdict) -> str:
    count = len(evidence.faces)
    if not count:
        return "No face was found."
    counts = [(verdict.faces.count(state), words) for state, words in _STATES]
    if count == 1:
        return f"One face was found, with {next(words for number, words in counts if number)}."
    listing = ", ".join(f"{number} with {words}" for number, words in counts if number)
    return f"{count} faces were found: {listing}."


def _sharpness(evidence: Evidence) -> str:
    focus = evidence.focus
    values = (("sharp", focus.sharp), ("out of focus", focus.defocus), ("moved", focus.motion))
    text = ", ".join(f"{name} {format_number(value)}" for name, value in values)
    source = _SUBJECT_SOURCES.get(focus.found_by, focus.found_by)
    return f"Sharpness was judged {source}: {text}."


def _scene(evidence: Evidence, settings: Settings) -> str:
    first, second = category_labels(evidence, settings)[:2]
    if first.said == "yes":
        return f"The photo looks like {first.name.lower()} ({format_number(first.chance)})."
    guesses = ", ".join(f"{label.name.lower()} {format_number(label.chance)}" for label in (first, second))
    return f"What kind of photo it is, is not sure ({guesses}; named from {format_number(first.limit)} on)."


def _faults(evidence: Evidence, settings: Settings) -> Iterator[str]:
    """Yield what is neither given nor excluded among the likeliest labels."""
    unsure = [
        f"{label.name.lower()} ({format_number(label.chance)}, limit {format_number(label.limit)})"
        for label in top_labels(evidence, settings)
        if label.kind == "defect" and label.said == "not_sure"
    ]
    if unsure:
        yield f"Not sure, but under the limit: {', '.join(unsure)}."


def _nearest(table: tuple[Score, ...]) -> Iterator[str]:
    """Yield which of the scores that pass lies nearest to its limit, where one is more than halfway there."""
    passing = [score for score in table if score.outcome == "passes" and score.unit == "percent"]
    nearest = max(passing, key=_share_of_limit, default=None)
    if nearest is not None and _share_of_limit(nearest) > 0.5:
        text = f"{_lower_first(nearest.name)} {nearest.number} ({_lower_first(nearest.words)})"
        yield f"Of what passes, this came nearest to its limit: {text}."


def _share_of_limit(score: Score) -> float:
    """How much of the way from the best number to its limit a score has gone: 1 at the limit."""
    if score.measured is None or score.doubt is None:
        return 0.0
    measured, limit = score.measured, score.doubt
    if score.bad_side == "below":
        measured, limit = 1 - measured, 1 - limit
    return measured / limit if limit > 0 else 0.0


def _describe_detector(name: str, version: str, config: Mapping[str, Any]) -> str:
    """Tell one member: what it looks at, how it is built, and what it learned from."""
    architecture = f" Built of: {config['architecture']}." if "architecture" in config else ""
    count = config.get("examples", {}).get("train")
    training = f" It learned from {count:,} examples, none of them yours." if count else ""
    return f"{name.capitalize()} (version {version}): {DETECTOR_TEXTS[name]}{architecture}{training}"


def _lower_first(text: str) -> str:
    return text[:1].lower() + text[1:]
