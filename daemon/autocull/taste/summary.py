"""A profile in words: what it was learned from, whether it acts, and what it promises."""

from __future__ import annotations

from collections.abc import Iterator

from autocull.taste.harm_bound import most_lost
from autocull.taste.profile import Profile


def tell(profile: Profile, share: float) -> Iterator[str]:
    """Tell a profile in lines; `share` (0-1) is how much of her selects may be lost."""
    origin, figures = profile.origin, profile.figures
    yield f"{profile.name}: {provenance(profile)}, on {origin.learned}, from {origin.source}."
    if "lead_low" in figures:
        yield (
            f"On shoots held out: {figures['taste']:.2f} against {figures['plain']:.2f} of the plain "
            f"ensemble, a lead of {figures['lead_low']:+.2f} to {figures['lead_high']:+.2f}."
        )
    yield "It acts." if profile.acts else "It only shows its probability, and decides nothing."
    yield promised(profile, share)
    yield "Measured by " + ", ".join(f"{name} {version}" for name, version in sorted(origin.models.items()))


def provenance(profile: Profile) -> str:
    """Say from how much it was learned."""
    origin = profile.origin
    return (
        f"learned from {origin.decisions:,} decisions, {origin.selects:,} of them selects, "
        f"in {origin.shoots:,} shoots"
    )


def promised(profile: Profile, share: float) -> str:
    """Say what is promised about harm, where it acts."""
    made = profile.promise(share)
    if made.limit > 0:
        return (
            f"With {made.confidence:.0%} confidence it rejects at most {share:.1%} of what you would select: "
            f"photos of a probability up to {made.limit:.3f}. On shoots held out these were "
            f"{made.lost:,} of {made.selects:,} selects."
        )
    return (
        f"It rejects nothing: to promise that at most {share:.1%} of your selects are lost it needs "
        f"{selects_needed(share, made.confidence):,} independent ones in shoots held out, and has "
        f"{int(made.effective):,} (your {made.selects:,} come in shoots, where they are alike)."
    )


def selects_needed(share: float, confidence: float) -> int:
    """Count the independent selects from which on a limit can be promised at all; 0 where none ever can."""
    if not 0 < share < 1:
        return 0
    count = 1
    while most_lost(count, share, confidence) < 0:
        count *= 2
    return next(few for few in range(count // 2, count + 1) if most_lost(few, share, confidence) >= 0)
