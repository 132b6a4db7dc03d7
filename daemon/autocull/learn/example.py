"""What is learned from: her decisions beside what was measured, as arrays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from autocull.arrays import Doubles, Flags, Floats, Integers


@dataclass(frozen=True, slots=True)
class Example:
    """One decided photo: what a taste looks at, also in the mirror where that was measured.

    `shoot` numbers its shoot; `plain` orders photos as the plain ensemble would, better ones higher.
    """

    path: Path
    selected: bool
    shoot: int
    plain: float
    seen: Floats
    mirrored: Floats | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Examples:
    """All of them: `seen` `(n, d)`, `selected` and `shoot` and `plain` `(n,)`.

    `mirrored` `(m, d)` are selects seen in a mirror, `of` `(m,)` which of the n each one is.
    """

    seen: Floats
    selected: Flags
    shoot: Integers
    plain: Doubles
    mirrored: Floats
    of: Integers

    @classmethod
    def from_list(cls, examples: Sequence[Example]) -> Examples:
        """Stack them; only selects are mirrored, for they are the few."""
        seen = np.stack([each.seen for each in examples])
        twins = [
            (index, each.mirrored)
            for index, each in enumerate(examples)
            if each.selected and each.mirrored is not None
        ]
        return cls(
            seen=seen,
            selected=np.array([each.selected for each in examples]),
            shoot=np.array([each.shoot for each in examples], dtype=np.int64),
            plain=np.array([each.plain for each in examples], dtype=np.float64),
            mirrored=np.stack([twin for _, twin in twins]) if twins else seen[:0],
            of=np.array([index for index, _ in twins], dtype=np.int64),
        )

    def __len__(self) -> int:
        return len(self.selected)
