"""What a lesson says to the photographer: what was learned, whether it acts, and what it promises."""

from __future__ import annotations

from autocull.learn.lesson import Lesson
from autocull.taste.telling import promised, provenance


def message(lesson: Lesson, share: float) -> str:
    """Say it in some sentences."""
    return " ".join((learned(lesson), gate(lesson), promised(lesson.profile, share)))


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
