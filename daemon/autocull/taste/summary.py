"""Text about a profile: what it was learned from, whether it acts, and its harm bound."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator

from autocull.plurals import format_count
from autocull.stats import largest_count_within
from autocull.taste.profile import Profile


def summarise(profile: Profile, share: float) -> Iterator[str]:
    """Yield the lines of a summary of a profile; `share` (0-1) is the allowed share of lost selects."""
    origin, metrics = profile.origin, profile.metrics
    yield f"{profile.name}: {describe_origin(profile)}, on {origin.learned}, from {origin.source}."
    if "lead_low" in metrics:
        yield (
            f"On held-out shoots: {metrics['taste']:.2f} against {metrics['plain']:.2f} of the plain "
            f"ensemble, a lead of {metrics['lead_low']:+.2f} to {metrics['lead_high']:+.2f}."
        )
    yield "It acts." if profile.acts else "It only shows its probability and decides nothing."
    yield describe_harm_bound(profile, share)
    yield "Measured by " + ", ".join(f"{name} {version}" for name, version in sorted(origin.models.items()))


def describe_origin(profile: Profile) -> str:
    """Describe how much a profile was learned from."""
    origin = profile.origin
    return (
        f"learned from {format_count(origin.decisions, 'decision')}, {origin.selects:,} of them selects, "
        f"in {format_count(origin.shoots, 'shoot')}"
    )


def describe_harm_bound(profile: Profile, share: float) -> str:
    """Describe the harm bound of a profile, for one that acts."""
    bound = profile.harm_bound(share)
    if bound.limit > 0:
        return (
            f"With {bound.confidence:.0%} confidence it rejects at most {share:.1%} of what you would "
            f"select: photos with a probability up to {bound.limit:.3f}. On held-out shoots, these were "
            f"{bound.lost:,} of {bound.selects:,} selects."
        )
    return (
        f"It rejects nothing: to promise that at most {share:.1%} of your selects are lost it needs "
        f"{count_selects_needed(share, bound.confidence):,} independent selects in held-out shoots, and has "
        f"{int(bound.effective):,} (your {bound.selects:,} come in shoots, where they are similar)."
    )


def count_selects_needed(share: float, confidence: float) -> int:
    """Return the least number of independent selects for which a limit exists; 0 if there is none."""
    if not 0 < share < 1:
        return 0
    count = 1
    while largest_count_within(share, count, confidence) < 0:
        count *= 2
    return bisect_left(range(count), 0, key=lambda total: largest_count_within(share, total, confidence))
