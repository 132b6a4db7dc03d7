"""What a member answers to one row of a manifest, and what is true of it: the ground of every figure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from autocull.train.data.manifest import Row


@dataclass(frozen=True, slots=True)
class Answer:
    """One row's answer.

    `truth` are the labels that are true of it, `said` those that were given ("cannot_tell" and "no_faces"
    among them), `scores` the probability (0-1) of each label. `aside` is what else was said ("doubted",
    "rejected"); `measured` are numbers of the photo by which answers may be grouped: the lightness of the
    main face, say.
    """

    row: Row
    truth: frozenset[str]
    said: frozenset[str]
    scores: Mapping[str, float]
    aside: frozenset[str] = frozenset()
    measured: Mapping[str, float] = field(default_factory=dict)

    @property
    def right(self) -> bool:
        """Whether what was said is what is true."""
        return self.truth == self.said

    @property
    def error(self) -> float:
        """How far (0-1) the probability of a label lies from the truth, at the label that is worst.

        0 where the answer is right; a wrong one that was sure of it is near 1.
        """
        wrong = self.truth ^ self.said
        return max((abs((label in self.truth) - self.scores.get(label, 0.0)) for label in wrong), default=0.0)
