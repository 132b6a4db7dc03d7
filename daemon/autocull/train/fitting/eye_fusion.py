"""Fitting of the weights with which the eyes network and the lids give one probability.

The eyes network reads a crop, the iris network the distance of the lids: two networks of different origin,
which fail on different eyes. Three numbers are fitted, in seconds, on eyes that are wide enough for both. No
`dev` row is used.

`python -m autocull.train.fitting.eye_fusion ../shared/data/more/eyes models/eyes` measures the training rows
of `cew_native_closed` and `utk_open`, and writes the weights into the model's configuration.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from autocull.measure import EyeDetector, FaceDetector, open_logit
from autocull.read import Photo
from autocull.train.data import Row, read_manifest, read_picture
from autocull.train.fitting.export import update_config
from autocull.train.fitting.light_weights import fit_logistic

FOLDERS = ("cew_native_closed", "utk_open")

LEAST_SIZE = 20.0
"""Corner distance in pixels from which on the lids are trusted."""

_PENALTY = 0.3  # of the squared weights on standardised inputs, in units of one sample's loss


class FusionSample(NamedTuple):
    """One measured eye: whether it is open, the network's probability of that (0-1), and its lids."""

    is_open: bool
    network: float
    lids: float


def collect_fusion_samples(data: Path, models: Path) -> list[FusionSample]:
    """Measure the wide enough eyes of the main faces of the training rows named above."""
    faces, eyes = FaceDetector(models), EyeDetector(models)
    rows = [row for name in FOLDERS for row in read_manifest(data / name / "manifest.csv")]
    return [sample for row in rows if row.split == "train" for sample in measure_row(faces, eyes, row)]


def measure_row(faces: FaceDetector, eyes: EyeDetector, row: Row) -> list[FusionSample]:
    """Measure the eyes of the most prominent face of one photo; none where there is no face."""
    photo = Photo.from_pixels(read_picture(row.path))
    views = [
        view
        for face in faces.measure(photo)[:1]
        for view in eyes.judgeable_views(face, photo)
        if view.size >= LEAST_SIZE
    ]
    probabilities = eyes.view_probability(photo, views)
    return [
        FusionSample(row.label == "open", float(probability), eyes.measure_shape(photo, view).lids)
        for view, probability in zip(views, probabilities, strict=True)
    ]


def fit_fusion(samples: Sequence[FusionSample]) -> dict[str, float]:
    """Return the weights that `fuse_opinions` takes; open and closed eyes count the same."""
    targets = np.array([float(sample.is_open) for sample in samples])
    inputs = np.array([[open_logit(sample.network), sample.lids] for sample in samples])
    shares = np.where(targets == 1, 0.5 / targets.mean(), 0.5 / (1 - targets.mean()))
    weights = fit_logistic(inputs, targets, shares, _PENALTY)
    named = zip(("bias", "network", "lids"), weights, strict=True)
    return {name: round(float(value), 4) for name, value in named} | {"least_size": LEAST_SIZE}


def main(data: Path, folder: Path) -> None:
    """Fit the weights for the model in `folder`; write them into its configuration, and new checksums."""
    weights = fit_fusion(collect_fusion_samples(data, folder.parent))
    update_config(folder, {"fusion": weights})


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
