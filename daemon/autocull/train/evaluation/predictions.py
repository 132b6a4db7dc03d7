"""A detector's prediction for one row of a manifest, with the true labels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from autocull.train.data import Row


@dataclass(frozen=True, slots=True)
class Prediction:
    """The prediction for one row.

    `truth` are the true labels, `predicted` the predicted ones ("cannot_tell" and "no_faces" among them),
    `scores` the probability (0-1) of each label. `extra_labels` are further results ("doubted", "rejected");
    `measurements` are numbers of the photo by which predictions may be grouped, such as the lightness of the
    main face.
    """

    row: Row
    truth: frozenset[str]
    predicted: frozenset[str]
    scores: Mapping[str, float]
    extra_labels: frozenset[str] = frozenset()
    measurements: Mapping[str, float] = field(default_factory=dict)

    @property
    def correct(self) -> bool:
        """Whether the predicted labels are the true ones."""
        return self.truth == self.predicted

    @property
    def error(self) -> float:
        """The largest difference (0-1) between a wrong label's probability and its truth.

        0 where the prediction is correct, near 1 where it is wrong with high confidence.
        """
        mismatches = self.truth ^ self.predicted
        return max(
            (abs((label in self.truth) - self.scores.get(label, 0.0)) for label in mismatches), default=0.0
        )
