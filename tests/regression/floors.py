"""The floors of the guard, each with the value that was measured (focus 4, defects 5, the others 2).

A floor is not a pinned value: a network may get better or somewhat worse. A commit that lowers one gives the
reason. Limits on harm come with floors on what has to be rejected, so that rejecting nothing does not meet
them.
"""

from __future__ import annotations

from typing import Literal, NamedTuple


class Floor(NamedTuple):
    """A metric of one detector (or "whole"), its limit, the side where it has to be, and its value."""

    subject: str
    metric: str
    side: Literal["at least", "at most"]
    limit: float
    measured: float

    def holds(self, value: float) -> bool:
        """Whether a value is on the right side; NaN is not."""
        return value >= self.limit if self.side == "at least" else value <= self.limit


PICTURE_FLOORS = (
    Floor("eyes", "auc", "at least", 0.98, 1.0),
    Floor("eyes", "accuracy", "at least", 0.92, 1.0),
    Floor("focus", "defocus auc", "at least", 0.95, 1.0),
    Floor("focus", "defocus balanced accuracy", "at least", 0.88, 1.0),
    Floor("focus", "motion_blur auc", "at least", 0.94, 0.996),
    Floor("focus", "motion_blur balanced accuracy", "at least", 0.80, 0.933),
    Floor("defects", "defocus auc", "at least", 0.93, 1.0),
    Floor("defects", "motion_blur auc", "at least", 0.93, 1.0),
    Floor("defects", "too_dark auc", "at least", 0.95, 1.0),
    Floor("defects", "too_bright auc", "at least", 0.87, 0.933),
    Floor("defects", "noise auc", "at least", 0.93, 1.0),
    Floor("defects", "low_quality auc", "at least", 0.95, 1.0),
    Floor("defects", "lens_flare auc", "at least", 0.85, 1.0),
    Floor("defects", "false alarms", "at most", 0.20, 0.067),
    Floor("category", "balanced accuracy", "at least", 0.80, 1.0),
    Floor("likeness", "auc", "at least", 0.96, 0.980),
    Floor("likeness", "recall at 1", "at least", 0.85, 0.914),
    Floor("likeness", "patches matched", "at least", 0.62, 0.701),
    Floor("whole", "harm", "at most", 1 / 30, 0.0),
    Floor("whole", "good kept", "at least", 0.80, 0.9),
    Floor("whole", "eyes closed rejected", "at least", 0.75, 1.0),
    Floor("whole", "defocus rejected", "at least", 0.65, 0.867),
    Floor("whole", "motion_blur rejected", "at least", 0.50, 0.8),
    Floor("whole", "too_dark rejected", "at least", 0.80, 1.0),
    Floor("whole", "too_bright rejected", "at least", 0.40, 0.667),
    Floor("whole", "low_quality rejected", "at least", 0.80, 1.0),
)
"""Floors on the set that the tests make themselves; `harm` is the share of 30 good pictures rejected."""

DEV_FLOORS = (
    Floor("eyes", "accuracy", "at least", 0.96, 0.981),
    Floor("eyes", "auc", "at least", 0.985, 0.997),
    Floor("blink", "auc", "at least", 0.80, 0.868),
    Floor("blink", "recall", "at least", 0.70, 0.80),
    Floor("blink", "precision", "at least", 0.93, 1.0),
    Floor("blink", "worst third right", "at least", 0.85, 0.935),
    Floor("blur", "auc", "at least", 0.92, 0.962),
    Floor("blur", "balanced accuracy", "at least", 0.80, 0.887),
    Floor("blur", "sharp rejected", "at most", 0.04, 0.0),
    Floor("defects", "too_bright auc", "at least", 0.93, 0.992),
    Floor("defects", "noise auc", "at least", 0.92, 0.948),
    Floor("category", "accuracy", "at least", 0.88, 0.938),
    Floor("likeness", "pairs auc", "at least", 0.96, 0.988),
    Floor("harm", "harm", "at most", 0.0375, 0.0),
    Floor("harm", "portraits' harm", "at most", 0.05, 0.0),
    Floor("harm", "defocus rejected", "at least", 0.50, 0.68),
    Floor("harm", "too_dark rejected", "at least", 0.80, 1.0),
    Floor("harm", "low_quality rejected", "at least", 0.80, 1.0),
)
"""Floors on the dev splits of ../shared/data; `harm` is the share of 80 good photos rejected."""
