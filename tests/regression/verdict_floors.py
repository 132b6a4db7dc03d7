"""The floors of verdicts: the greatest harm and the least recall, by source and size.

Harm and recall have floors of the same photos: rejecting nothing breaks the one, rejecting everything the
other. `measured` is the share on the day it was set.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

from autocull.train.verdicts.report import VerdictCounts


class VerdictFloor(NamedTuple):
    """The limit of a share in one row of the report.

    For "good" photos the share may be at most `limit`, for a kind of fault it has to be at least that. `size`
    is "camera" or a long side in px; `answers` are those that count.
    """

    kind: str
    source: str
    size: str
    answers: Literal["rejected", "rejected or doubted"]
    limit: float
    measured: float

    @property
    def cell(self) -> tuple[str, str, str]:
        """The key of the report's row."""
        return self.kind, self.source, self.size

    def share(self, counts: VerdictCounts) -> float:
        """Return the share that is limited."""
        return (counts.rejected + (0 if self.answers == "rejected" else counts.doubted)) / counts.n

    def holds(self, share: float) -> bool:
        """Whether a share keeps the floor."""
        return share <= self.limit if self.kind == "good" else share >= self.limit


MADE_FLOORS = (
    VerdictFloor("good", "made", "camera", "rejected", 1 / 6, 0.0),
    VerdictFloor("good", "made", "camera", "rejected or doubted", 2 / 6, 0.0),
    VerdictFloor("blur", "made", "camera", "rejected", 1 / 6, 3 / 6),
    VerdictFloor("blur", "made", "camera", "rejected or doubted", 4 / 6, 1.0),
    VerdictFloor("motion", "made", "camera", "rejected", 1 / 6, 3 / 6),
    VerdictFloor("motion", "made", "camera", "rejected or doubted", 4 / 6, 1.0),
    VerdictFloor("closed_eyes", "made", "camera", "rejected", 3 / 4, 1.0),
    VerdictFloor("dark", "made", "camera", "rejected", 4 / 6, 1.0),
    VerdictFloor("bright", "made", "camera", "rejected or doubted", 3 / 6, 4 / 6),
    VerdictFloor("compression", "made", "camera", "rejected", 4 / 6, 1.0),
    VerdictFloor("good", "made", "500", "rejected", 1 / 5, 0.0),
    VerdictFloor("good", "made", "500", "rejected or doubted", 2 / 5, 0.0),
    VerdictFloor("blur", "made", "500", "rejected or doubted", 3 / 5, 1.0),
    VerdictFloor("motion", "made", "500", "rejected or doubted", 3 / 5, 1.0),
    VerdictFloor("closed_eyes", "made", "500", "rejected or doubted", 2 / 3, 1.0),
    VerdictFloor("dark", "made", "500", "rejected", 3 / 5, 1.0),
    VerdictFloor("bright", "made", "500", "rejected or doubted", 2 / 5, 3 / 5),
)
"""Floors on pictures that the tests make; six of each kind, three to five where they reach the size."""

DEV_FLOORS = (
    VerdictFloor("good", "all", "camera", "rejected", 0.06, 3 / 104),
    VerdictFloor("good", "all", "camera", "rejected or doubted", 0.40, 33 / 104),
    VerdictFloor("good", "bracket", "camera", "rejected", 2 / 6, 1 / 6),
    VerdictFloor("good", "cuhk_partial", "camera", "rejected", 1 / 6, 0.0),
    VerdictFloor("good", "dlib", "camera", "rejected", 1 / 6, 0.0),
    VerdictFloor("good", "faceapi", "camera", "rejected", 1 / 6, 0.0),
    VerdictFloor("good", "lowkey_fuji", "camera", "rejected", 2 / 6, 1 / 6),
    VerdictFloor("good", "maskweb", "camera", "rejected", 1 / 6, 0.0),
    VerdictFloor("good", "mmpose", "camera", "rejected", 1 / 6, 0.0),
    VerdictFloor("good", "photos BSDS500", "camera", "rejected", 1 / 6, 0.0),
    VerdictFloor("good", "photos imagenet-sample", "camera", "rejected", 1 / 6, 0.0),
    VerdictFloor("good", "realblur", "camera", "rejected", 1 / 6, 0.0),
    VerdictFloor("good", "scenes corel1k", "camera", "rejected", 1 / 6, 0.0),
    VerdictFloor("good", "utk_open", "camera", "rejected", 1 / 6, 0.0),
    VerdictFloor("blur", "all", "camera", "rejected or doubted", 2 / 6, 3 / 6),
    VerdictFloor("motion", "realblur", "camera", "rejected or doubted", 3 / 6, 4 / 6),
    VerdictFloor("motion", "blur gopro-avg", "camera", "rejected or doubted", 3 / 5, 4 / 5),
    VerdictFloor("closed_eyes", "all", "camera", "rejected or doubted", 0.75, 19 / 21),
    VerdictFloor("closed_eyes", "cew_native_closed", "camera", "rejected or doubted", 4 / 6, 1.0),
    VerdictFloor("closed_eyes", "imfdb", "camera", "rejected or doubted", 4 / 6, 1.0),
    VerdictFloor("dark", "all", "camera", "rejected or doubted", 0.65, 15 / 18),
    VerdictFloor("dark", "DICM", "camera", "rejected or doubted", 3 / 6, 4 / 6),
    VerdictFloor("dark", "LIME", "camera", "rejected or doubted", 3 / 6, 5 / 6),
    VerdictFloor("noise", "RENOIR", "camera", "rejected or doubted", 3 / 6, 5 / 6),
    VerdictFloor("good", "all", "500", "rejected", 0.09, 2 / 56),
    VerdictFloor("good", "all", "500", "rejected or doubted", 0.30, 10 / 56),
    VerdictFloor("good", "cuhk_partial", "500", "rejected", 1 / 6, 0.0),
    VerdictFloor("good", "lowkey_fuji", "500", "rejected", 2 / 6, 1 / 6),
    VerdictFloor("good", "realblur", "500", "rejected", 1 / 6, 0.0),
    VerdictFloor("motion", "all", "500", "rejected or doubted", 0.5, 8 / 11),
    VerdictFloor("dark", "all", "500", "rejected or doubted", 0.6, 12 / 15),
    VerdictFloor("noise", "RENOIR", "500", "rejected or doubted", 3 / 6, 5 / 6),
)
"""Floors on the shared photos: at most six good and six faulty ones of each source."""
