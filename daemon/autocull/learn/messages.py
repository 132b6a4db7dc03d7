"""What a lesson says to the photographer: what was learned, whether it acts, and what it promises."""

from __future__ import annotations

from autocull.judge import Settings
from autocull.learn.training import TrainedTaste
from autocull.taste.summary import describe_harm_bound, describe_origin


def format_message(trained: TrainedTaste, settings: Settings) -> str:
    """Say it in some sentences."""
    return " ".join(format_sentences(trained, settings))


def format_sentences(trained: TrainedTaste, settings: Settings) -> tuple[str, ...]:
    """Say what was learned, whether it acts, what it picks, and what it promises."""
    promise = describe_harm_bound(trained.profile, settings.select_loss)
    return (
        format_provenance(trained),
        format_activation(trained),
        format_picks(trained, settings.select_min),
        promise,
    )


def format_picks(trained: TrainedTaste, limit: float) -> str:
    """Say how many of her decided photos reach the limit (0-1) for picking, and how many of them rightly."""
    picked, correct = count_picks(trained, limit)
    if not picked:
        return f"None of them reached a probability of {limit:g}, from which on a photo is picked."
    return (
        f"{picked:,} of them reached {limit:g}, from which on a photo is picked: "
        f"{correct:,} are your selects."
    )


def count_picks(trained: TrainedTaste, limit: float) -> tuple[int, int]:
    """Count the decided photos at the limit or above, and her selects among them; held out."""
    picked = trained.oof_probability >= limit
    return int(picked.sum()), int((picked & trained.examples.selected).sum())


def format_provenance(trained: TrainedTaste) -> str:
    """Say from how much was learned."""
    return f"{trained.profile.name} was {describe_origin(trained.profile)}."


def format_activation(trained: TrainedTaste) -> str:
    """Say whether it acts, and why."""
    comparison = trained.comparison
    metrics_text = (
        f"{comparison.taste.value:.2f} against {comparison.plain.value:.2f}, "
        f"a lead of {comparison.lead.low:+.2f} to {comparison.lead.high:+.2f}"
    )
    if comparison.wins:
        return (
            f"On shoots that it had not seen it put your selects before the others better than the plain "
            f"ensemble does ({metrics_text}), so it acts."
        )
    return (
        f"On shoots that it had not seen it was not surely better than the plain ensemble ({metrics_text}, "
        f"{comparison.shoots} shoots), so it only shows its probability and decides nothing."
    )
