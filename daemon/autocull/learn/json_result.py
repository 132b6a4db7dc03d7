"""The JSON object that `autocull learn --json` prints, whether or not anything was learned."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from autocull.errors import LearningError
from autocull.learn.decisions import DecisionSet
from autocull.learn.messages import count_picks, format_message
from autocull.learn.training import LearnRequest, TrainedTaste
from autocull.taste import describe_harm_bound

JsonObject = dict[str, Any]


def learned_to_json(
    trained: TrainedTaste, request: LearnRequest, decision_set: DecisionSet, report: Path | None = None
) -> JsonObject:
    """Return the result as JSON: state, message, harm bound as text and as numbers, metrics, report path."""
    return {
        "state": "learned",
        "message": format_message(trained, request.settings),
        "profile": trained.profile.name,
        "acts": trained.profile.acts,
        "promise": describe_harm_bound(trained.profile, request.settings.select_loss),
        "promised": harm_bound_to_json(trained, request.settings.select_loss),
        "figures": {**trained.profile.metrics, **_picks_to_json(trained, request.settings.select_min)},
        "left_out": dict(decision_set.left_out),
        "report": None if report is None else str(report),
    }


def nothing_learned_to_json(name: str, error: LearningError, decision_set: DecisionSet) -> JsonObject:
    """Return the result as JSON where there were too few decisions."""
    return {
        "state": "nothing_learned",
        "message": error.message,
        "code": error.code,
        "parameters": dict(error.parameters),
        "profile": name,
        "acts": False,
        "promise": None,
        "promised": None,
        "figures": {},
        "left_out": dict(decision_set.left_out),
        "report": None,
    }


def _picks_to_json(trained: TrainedTaste, limit: float) -> dict[str, float]:
    picked, correct = count_picks(trained, limit)
    return {"picked": float(picked), "picked_rightly": float(correct)}


def harm_bound_to_json(trained: TrainedTaste, share: float) -> JsonObject:
    """Return the harm bound as JSON; `rejected` is the share (0-1) of decided photos rejected out-of-fold."""
    bound = trained.profile.harm_bound(share)
    return {
        "share": bound.share,
        "confidence": bound.confidence,
        "expected": bound.expected,
        "limit": bound.limit,
        "selects": bound.selects,
        "effective": bound.effective,
        "lost": bound.lost,
        "rejected": float((trained.oof_probability <= bound.limit).mean()),
    }
