"""Results of the backbone comparison with fixed metrics."""

from __future__ import annotations

from typing import Any


def make_result(**changes: Any) -> dict[str, Any]:
    """Make the result of one network."""
    metrics = {
        "n": 100,
        "accuracy": 0.8,
        "balanced_accuracy": 0.75,
        "per_label": {"left": {"precision": 0.9}, "right": {"precision": None}},
    }
    facts = {"name": "VGG16", "width": 0.25, "paper": "S & Z 2015", "parameters": 1234567, "bytes": 2_500_000}
    return facts | {"milliseconds": 1.234, "judge": "dev", "figures": metrics, "minutes": 2.0} | changes
