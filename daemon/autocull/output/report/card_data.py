"""The data of a card, from which the page's script draws the card and its large view."""

from __future__ import annotations

from autocull.judge import LABEL_ANSWER_TEXTS, OUTCOME_WORDS, Label, Score
from autocull.output.report.cards import SIGNS, Bar, Card, Outline, Sibling


def encode_card(card: Card) -> dict[str, object]:
    """Return the card as values for JSON: texts, percentages (0-100), and outlines in the page's units.

    The verdict, the score and the series are not repeated: they are attributes of the card's element, by
    which the page filters and sorts. The thumbnail is one too, so that a search need not read it.
    """
    return {
        "folder": card.folder,
        "files": card.files,
        "verdict": card.verdict_words,
        "sign": SIGNS[card.verdict],
        "rating": card.rating,
        "label": card.label,
        "flag": card.flag,
        "reasons": [[text, advice] for _, text, advice in card.reasons],
        "facts": card.facts,
        "about": card.about,
        "size": [round(card.width), round(card.height)],
        "faces": [_encode_outline(face) for face in card.faces],
        "subject": None if card.subject is None else _encode_outline(card.subject),
        "tiles": card.tiles,
        "scores": [_encode_score(score) for score in card.scores],
        "labels": [_encode_label(label) for label in card.labels],
        "gauges": [_encode_gauge(bar) for bar in card.gauges],
        "sibling": None if card.sibling is None else _encode_sibling(card.sibling),
    }


def _encode_outline(outline: Outline) -> dict[str, object]:
    box = (outline.x, outline.y, outline.width, outline.height)
    return {"kind": outline.kind, "words": outline.words, "box": [round(each, 1) for each in box]}


def _encode_score(score: Score) -> dict[str, object]:
    """Return a score; only one in percent has a bar with its limits."""
    outcome = OUTCOME_WORDS[score.outcome]
    data: dict[str, object] = {
        "name": score.name,
        "outcome": score.outcome,
        "outcome_words": outcome if len(outcome) > 1 else "",
        "number": score.number,
        "words": score.words,
    }
    if score.unit == "percent":
        limits = [("past", score.reject), ("near", score.doubt)]
        data["bar"] = _percent(score.measured or 0)
        data["limits"] = [[kind, _percent(limit)] for kind, limit in limits if limit is not None]
    return data


def _encode_label(label: Label) -> dict[str, object]:
    about = f"{LABEL_ANSWER_TEXTS[label.answer]}, from {_percent(label.limit)} % on"
    return {"answer": label.answer, "chance": _percent(label.chance), "name": label.name, "about": about}


def _encode_gauge(bar: Bar) -> list[object]:
    return [bar.name, _percent(bar.value)]


def _encode_sibling(sibling: Sibling) -> dict[str, object]:
    words = f"{sibling.words} · best" if sibling.best else sibling.words
    return {"words": words, "about": sibling.about, "best": sibling.best}


def _percent(fraction: float) -> int:
    return round(100 * fraction)
