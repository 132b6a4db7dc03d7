"""What a lesson says to the photographer: what was learned, whether it acts, and what it promises."""

from __future__ import annotations

from autocull.judge import Settings
from autocull.learn.training import Lesson
from autocull.taste.summary import promised, provenance


def message(lesson: Lesson, settings: Settings) -> str:
    """Say it in some sentences."""
    return " ".join(sentences(lesson, settings))


def sentences(lesson: Lesson, settings: Settings) -> tuple[str, ...]:
    """Say what was learned, whether it acts, what it picks, and what it promises."""
    promise = promised(lesson.profile, settings.select_loss)
    return learned(lesson), gate(lesson), picks(lesson, settings.select_min), promise


def picks(lesson: Lesson, limit: float) -> str:
    """Say how many of her decided photos reach the limit (0-1) for picking, and how many of them rightly."""
    picked, right = picked_of(lesson, limit)
    if not picked:
        return f"None of them reached a probability of {limit:g}, from which on a photo is picked."
    return (
        f"{picked:,} of them reached {limit:g}, from which on a photo is picked: {right:,} are your selects."
    )


def picked_of(lesson: Lesson, limit: float) -> tuple[int, int]:
    """Count the decided photos at the limit or above, and her selects among them; held out."""
    picked = lesson.blind >= limit
    return int(picked.sum()), int((picked & lesson.examples.selected).sum())


def learned(lesson: Lesson) -> str:
    """Say from how much was learned."""
    return f"{lesson.profile.name} was {provenance(lesson.profile)}."


def gate(lesson: Lesson) -> str:
    """Say whether it acts, and why."""
    compared = lesson.comparison
    figures = (
        f"{compared.taste.value:.2f} against {compared.plain.value:.2f}, "
        f"a lead of {compared.lead.low:+.2f} to {compared.lead.high:+.2f}"
    )
    if compared.wins:
        return (
            f"On shoots that it had not seen it put your selects before the others better than the plain "
            f"ensemble does ({figures}), so it acts."
        )
    return (
        f"On shoots that it had not seen it was not surely better than the plain ensemble ({figures}, "
        f"{compared.shoots} shoots), so it only shows its probability and decides nothing."
    )
