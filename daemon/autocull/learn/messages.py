"""Messages about a trained taste: its decisions, whether it acts, what it picks, its harm bound."""

from __future__ import annotations

from autocull.judge import Settings
from autocull.learn.training import TrainedTaste
from autocull.taste import describe_harm_bound, describe_origin


def format_message(trained: TrainedTaste, settings: Settings) -> str:
    """Return the sentences as one text."""
    return " ".join(format_sentences(trained, settings))


def format_sentences(trained: TrainedTaste, settings: Settings) -> tuple[str, ...]:
    """Return one sentence each about the decisions, whether the taste acts, its picks and its harm bound."""
    return (
        format_provenance(trained),
        format_activation(trained),
        format_picks(trained, settings.select_min),
        describe_harm_bound(trained.profile, settings.select_loss),
    )


def format_picks(trained: TrainedTaste, limit: float) -> str:
    """Return how many decided photos reach the limit (0-1) for picking, and how many of those are selects."""
    picked, correct = count_picks(trained, limit)
    if not picked:
        return f"None of these photos reaches {limit:g}, the probability from which a photo is picked."
    return (
        f"{picked:,} of these photos reach {limit:g}, the probability from which a photo is picked: "
        f"{correct:,} of them are your selects."
    )


def count_picks(trained: TrainedTaste, limit: float) -> tuple[int, int]:
    """Count the decided photos at the limit or above, and the selects among them, out-of-fold."""
    picked = trained.oof_probability >= limit
    return int(picked.sum()), int((picked & trained.examples.selected).sum())


def format_provenance(trained: TrainedTaste) -> str:
    """Return from how many decisions the taste was learned."""
    return f"{trained.profile.name} was {describe_origin(trained.profile)}."


def format_activation(trained: TrainedTaste) -> str:
    """Return whether the taste acts, and the comparison that decides it."""
    comparison = trained.comparison
    metrics_text = (
        f"{comparison.taste.value:.2f} against {comparison.plain.value:.2f}, "
        f"a lead of {comparison.lead.low:+.2f} to {comparison.lead.high:+.2f}"
    )
    if comparison.wins:
        return (
            f"On shoots held out from training it ranks your selects higher than Autocull does without it "
            f"({metrics_text}), so it acts."
        )
    return (
        "On shoots held out from training it is not reliably better than Autocull without it "
        f"({metrics_text}, {comparison.shoots} shoots), so it only shows its probability and decides nothing."
    )
