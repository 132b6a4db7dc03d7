"""A profile in words: what it was learned from, whether it acts, and what it promises."""

from __future__ import annotations

from collections.abc import Iterator

from autocull.taste.harm_bound import allowed_losses
from autocull.taste.profile import Profile


def summarise(profile: Profile, share: float) -> Iterator[str]:
    """Tell a profile in lines; `share` (0-1) is how much of her selects may be lost."""
    origin, metrics = profile.origin, profile.metrics
    yield f"{profile.name}: {describe_origin(profile)}, on {origin.learned}, from {origin.source}."
    if "lead_low" in metrics:
        yield (
            f"On shoots held out: {metrics['taste']:.2f} against {metrics['plain']:.2f} of the plain "
            f"ensemble, a lead of {metrics['lead_low']:+.2f} to {metrics['lead_high']:+.2f}."
        )
    yield "It acts." if profile.acts else "It only shows its probability, and decides nothing."
    yield describe_harm_bound(profile, share)
    yield "Measured by " + ", ".join(f"{name} {version}" for name, version in sorted(origin.models.items()))


def describe_origin(profile: Profile) -> str:
    """Say from how much it was learned."""
    origin = profile.origin
    return (
        f"learned from {origin.decisions:,} decisions, {origin.selects:,} of them selects, "
        f"in {origin.shoots:,} shoots"
    )


def describe_harm_bound(profile: Profile, share: float) -> str:
    """Say what is promised about harm, where it acts."""
    bound = profile.harm_bound(share)
    if bound.limit > 0:
        return (
            f"With {bound.confidence:.0%} confidence it rejects at most {share:.1%} of what you would "
            f"select: photos of a probability up to {bound.limit:.3f}. On shoots held out these were "
            f"{bound.lost:,} of {bound.selects:,} selects."
        )
    return (
        f"It rejects nothing: to promise that at most {share:.1%} of your selects are lost it needs "
        f"{count_selects_needed(share, bound.confidence):,} independent ones in shoots held out, and has "
        f"{int(bound.effective):,} (your {bound.selects:,} come in shoots, where they are alike)."
    )


def count_selects_needed(share: float, confidence: float) -> int:
    """Count the independent selects from which on a limit can be promised at all; 0 where none ever can."""
    if not 0 < share < 1:
        return 0
    count = 1
    while allowed_losses(count, share, confidence) < 0:
        count *= 2
    return next(
        number for number in range(count // 2, count + 1) if allowed_losses(number, share, confidence) >= 0
    )
