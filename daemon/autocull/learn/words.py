"""What a lesson says to the photographer: what was learned, whether it acts, and what it promises."""

from __future__ import annotations

from autocull.learn.lesson import Lesson
from autocull.taste.profile import Profile
from autocull.taste.promise import most_lost


def message(lesson: Lesson, share: float) -> str:
    """Say it in some sentences."""
    return " ".join((learned(lesson), gate(lesson), promised(lesson.profile, share)))


def learned(lesson: Lesson) -> str:
    """Say from how much was learned."""
    origin = lesson.profile.origin
    return (
        f"{lesson.profile.name} was learned from {origin.decisions:,} decisions, {origin.selects:,} of them "
        f"selects, in {origin.shoots:,} shoots."
    )


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


def promised(profile: Profile, share: float) -> str:
    """Say what may be promised about harm."""
    made = profile.promise(share)
    if made.limit > 0:
        return (
            f"With {made.confidence:.0%} confidence it rejects at most {share:.1%} of what you would select: "
            f"photos of a probability up to {made.limit:.3f}. On shoots that it had not seen these were "
            f"{made.lost:,} of {made.selects:,} selects."
        )
    return (
        f"It rejects nothing yet: to promise that at most {share:.1%} of your selects are lost it needs "
        f"{selects_needed(share, made.confidence):,} independent ones in shoots held out, and has "
        f"{int(made.effective):,} (your {made.selects:,} selects come in shoots, where they are alike)."
    )


def selects_needed(share: float, confidence: float) -> int:
    """Count the independent selects from which on a limit can be promised at all; 0 where none ever can."""
    if not 0 < share < 1:
        return 0
    return next(count for count in range(1, 10**7) if most_lost(count, share, confidence) >= 0)
