"""Accuracy of the eyes network on crops of some sources, by the views of a crop that are averaged.

    autocull train eyes --data DATA/eyes --without SOURCE --out trained/eyes
    python benchmarks/eye_crops.py DATA trained --source SOURCE [--source ANOTHER] [--split train]

Every crop is predicted whole and at the middle 0.9, 0.8 and 0.7 of its sides, each as it is and mirrored. For
several averages of these views it prints how many crops are right, with Wilson's 95 % interval, and how many
became right and wrong compared with the whole crop and its mirror image. The network must not have been
trained on SOURCE.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from autocull.measure.eyes import crop_middle, prepare_eye
from autocull.measure.models import Model
from autocull.read.photo import Pixels
from autocull.stats.intervals import wilson_interval
from autocull.train.data.image_io import read_pictures
from autocull.train.data.manifest import read_manifest

View = tuple[float, bool]  # the middle share of the crop's sides, and whether it is mirrored
SHARES = (1.0, 0.9, 0.8, 0.7)
AVERAGES: dict[str, tuple[View, ...]] = {
    "whole": ((1.0, False), (1.0, True)),
    "0.9": ((0.9, False), (0.9, True)),
    "0.8": ((0.8, False), (0.8, True)),
    "0.7": ((0.7, False), (0.7, True)),
    "whole, 0.8": ((1.0, False), (1.0, True), (0.8, False), (0.8, True)),
    "whole, 0.9, 0.8": tuple((share, mirrored) for share in SHARES[:3] for mirrored in (False, True)),
    "whole, 0.9 mirrored, 0.8": ((1.0, False), (0.9, True), (0.8, False)),
    "all": tuple((share, mirrored) for share in SHARES for mirrored in (False, True)),
}


def main() -> None:
    """Print a row for each average."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path)
    parser.add_argument("models", type=Path, help="the folder that holds the folder `eyes`")
    parser.add_argument("--source", action="append", required=True)
    parser.add_argument("--split", default="train")
    options = parser.parse_args()
    rows = [
        row
        for row in read_manifest(options.data / "eyes" / "manifest.csv", labels=("open", "closed"))
        if row.source in options.source and row.split == options.split
    ]
    is_open = np.array([row.label == "open" for row in rows])
    crops = read_pictures(rows, lambda: None, max_side=128)
    probabilities = _predict_views(Model.open(options.models, "eyes"), crops)
    correct = {
        name: (np.mean([probabilities[view] for view in views], axis=0) >= 0.5) == is_open
        for name, views in AVERAGES.items()
    }
    for name, hits in correct.items():
        low, high = wilson_interval(float(hits.mean()), len(hits)) or (0.0, 1.0)
        won, lost = (hits & ~correct["whole"]).sum(), (~hits & correct["whole"]).sum()
        print(f"{name}: {hits.mean():.3f} ({low:.3f}-{high:.3f}) of {len(hits)}, won {won}, lost {lost}")


def _predict_views(model: Model, crops: list[Pixels]) -> dict[View, NDArray[np.float64]]:
    """Return P(open) of every crop for each view."""
    network, opened = model.network(), model.classes.index("open")
    probabilities = {}
    for share in SHARES:
        inputs = prepare_eye(
            [crop_middle(crop, share) for crop in crops], model.config["preprocessing"]["size"]
        )
        for mirrored, views in ((False, inputs), (True, inputs[:, :, ::-1])):
            values = [network(eye[None])[0][0, opened] for eye in views]
            probabilities[share, mirrored] = np.array(values, np.float64)
    return probabilities


if __name__ == "__main__":
    main()
