"""Explanations of a verdict: one line, a paragraph, and how the networks measure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

from autocull.judge.settings import Settings
from autocull.judge.texts.labels import category_labels, top_labels
from autocull.judge.texts.reasons import REASON_TEXTS, describe, describe_position, format_number
from autocull.judge.texts.score_table import Score, describe_blur, list_scores
from autocull.judge.verdict import Verdict
from autocull.measure import Evidence

ANSWERS: Mapping[str, str] = MappingProxyType(
    {"keep": "Keep", "reject": "Reject", "cannot_tell": "Cannot tell"}
)

DETECTOR_TEXTS: Mapping[str, str] = MappingProxyType(
    {
        "faces": "A detector searches the whole picture, and again parts of it where faces may be small. A "
        "mesh fitted to each detection confirms that it is a face, and locates its eyes and its direction. "
        "The larger a face in comparison with the largest one, the more it counts.",
        "eyes": "A square around each eye is cut out at full resolution, turned upright and made grey, and "
        "its light and contrast are evened out, so that neither lamp nor skin decides. The network returns "
        "the probability that the eye is open, and a second one the distance of its lids. Small, turned, "
        "bowed or covered eyes count less, or not at all.",
        "focus": "Tiles are cut from the picture in two sizes, as it is viewed, and evened out likewise. "
        "Each is sharp, out of focus or moved, with a probability. In a photo of people the tiles at the "
        "eyes decide; otherwise those where a photographer would most likely focus, and the network of the "
        "whole frame counts beside them.",
        "defects": "The input is the whole picture in small, some parts of it at full size, and the "
        "distribution of its light. Each defect has a probability of its own, so several may be likely at "
        "once.",
        "category": "The input is the whole picture in small, and the number and size of its faces. The "
        "probabilities of all categories sum to one, so only one can be likely.",
        "likeness": "The input is the whole picture in small, its tones evened out so that exposure does not "
        "decide. Its numbers mean nothing for a photo alone: those of two photos are close where both show "
        "the same scene, and patches of them locate its parts, so that series can be found.",
    }
)
"""What the input of each detector is, and what its numbers mean."""

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
    "the one for rejecting the photo is rejected; past the one for doubts only, the answer is cannot tell. "
    "Where two measurements must agree (network and measured light, network and lids) and do not, a doubt "
    "remains."
)


def summarise_verdict(verdict: Verdict) -> str:
    """Return the verdict in one line: the answer, its most severe reason, and how many more there are."""
    answer = ANSWERS[verdict.answer]
    if not verdict.reasons:
        return f"{answer}: nothing found against it (score {format_number(verdict.score)})"
    more = len(verdict.reasons) - 1
    rest = f", and {more} more {'reason' if more == 1 else 'reasons'}" if more else ""
    return f"{answer}: {describe(verdict.reasons[0])}{rest}"


def explain_verdict(evidence: Evidence, verdict: Verdict, settings: Settings) -> str:
    """Return a paragraph: reasons, advice, what was measured, and what came nearest to a limit."""
    return " ".join(_list_sentences(evidence, verdict, settings))


def describe_detectors(evidence: Evidence, configs: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Return a paragraph on each detector of the evidence, and one on how the verdict follows.

    `configs` holds each detector's `config.json` by its name; raises KeyError for a detector without a text.
    """
    texts = [_describe_detector(name, version, configs[name]) for name, version in evidence.models.items()]
    return [*texts, f"The verdict: {_VERDICT_TEXT}"]


def _list_sentences(evidence: Evidence, verdict: Verdict, settings: Settings) -> Iterator[str]:
    yield from _explain_answer(verdict)
    if verdict.series is not None and verdict.series.size > 1:
        yield f"{describe_position(verdict.series)}."
    yield from _list_advice(verdict)
    yield _describe_people(evidence, verdict)
    yield _describe_sharpness(evidence, verdict)
    yield _describe_scene(evidence, settings)
    yield from _describe_unsure_defects(evidence, settings)
    yield from _describe_nearest_score(list_scores(evidence, verdict, settings))


def _explain_answer(verdict: Verdict) -> Iterator[str]:
    openings = {
        "keep": "The photo is kept, because nothing was found against it.",
        "reject": "The photo is rejected; one rejecting reason is enough:",
        "cannot_tell": "The numbers do not show whether the photo is good:",
    }
    reasons = "; ".join(_lower_first(describe(reason)) for reason in verdict.reasons)
    if verdict.answer == "keep" and reasons:
        yield f"The photo is kept: {reasons}."
        return
    yield f"{openings[verdict.answer]} {reasons}." if reasons else openings[verdict.answer]


def _list_advice(verdict: Verdict) -> Iterator[str]:
    """Yield the advice of all reasons, each once."""
    yield from dict.fromkeys(REASON_TEXTS[reason.code].advice for reason in verdict.reasons)


def _describe_people(evidence: Evidence, verdict: Verdict) -> str:
    count = len(evidence.faces)
    if not count:
        return "No face was found."
    counts = [(verdict.faces.count(state), words) for state, words in _STATES]
    if count == 1:
        return f"One face was found, with {next(words for number, words in counts if number)}."
    listing = ", ".join(f"{number} with {words}" for number, words in counts if number)
    return f"{count} faces were found: {listing}."


def _describe_sharpness(evidence: Evidence, verdict: Verdict) -> str:
    focus = evidence.focus
    values = (("sharp", focus.sharp), ("out of focus", focus.defocus), ("moved", focus.motion))
    text = ", ".join(f"{name} {format_number(value)}" for name, value in values)
    source = _SUBJECT_SOURCES.get(focus.found_by, focus.found_by)
    extent = describe_blur(evidence, verdict)
    return f"Sharpness was judged {source}: {text}." + (f" {extent}." if extent else "")


def _describe_scene(evidence: Evidence, settings: Settings) -> str:
    first, second = category_labels(evidence, settings)[:2]
    if first.answer == "yes":
        return f"The category is {first.name.lower()} ({format_number(first.chance)})."
    guesses = ", ".join(f"{label.name.lower()} {format_number(label.chance)}" for label in (first, second))
    return f"The category is not sure ({guesses}; named from {format_number(first.limit)} on)."


def _describe_unsure_defects(evidence: Evidence, settings: Settings) -> Iterator[str]:
    """Yield the likely defects that are neither given nor excluded."""
    unsure = [
        f"{label.name.lower()} ({format_number(label.chance)}, limit {format_number(label.limit)})"
        for label in top_labels(evidence, settings)
        if label.kind == "defect" and label.answer == "not_sure"
    ]
    if unsure:
        yield f"Not sure, but under the limit: {', '.join(unsure)}."


def _describe_nearest_score(table: tuple[Score, ...]) -> Iterator[str]:
    """Yield the passing score nearest to its limit, where one is more than halfway there."""
    passing = [score for score in table if score.outcome == "passes" and score.unit == "percent"]
    nearest = max(passing, key=_share_of_limit, default=None)
    if nearest is not None and _share_of_limit(nearest) > 0.5:
        text = f"{_lower_first(nearest.name)} {nearest.number} ({_lower_first(nearest.words)})"
        yield f"Of what passes, this came nearest to its limit: {text}."


def _share_of_limit(score: Score) -> float:
    """Return how far (0-1) a score is from the best number to its limit: 1 at the limit."""
    if score.measured is None or score.doubt is None:
        return 0.0
    measured, limit = score.measured, score.doubt
    if score.bad_side == "below":
        measured, limit = 1 - measured, 1 - limit
    return measured / limit if limit > 0 else 0.0


def _describe_detector(name: str, version: str, config: Mapping[str, Any]) -> str:
    """Describe one detector: its input, its architecture, and the number of its training examples."""
    architecture = f" Architecture: {config['architecture']}." if "architecture" in config else ""
    count = config.get("examples", {}).get("train")
    training = f" Trained on {count:,} examples, none of them yours." if count else ""
    return f"{name.capitalize()} (version {version}): {DETECTOR_TEXTS[name]}{architecture}{training}"


def _lower_first(text: str) -> str:
    return text[:1].lower() + text[1:]
