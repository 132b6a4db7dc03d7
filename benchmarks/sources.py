"""Accuracy of the category network on photos of a source that it was not trained on, for each source in turn.

    python benchmarks/sources.py DATA/scenes TRAINED [--epochs N] [--only SOURCE ...] [--threads N]

For each source of the training rows, `autocull train category --without SOURCE` is run into TRAINED/SOURCE
(unless it is there), and the network predicts that source's training rows as in the product. The dev rows
are not used. Prints a row for each source, and one for all predictions: people or landscape (the likelier of
the two, and the likeliest of all), accuracy over the seven classes, and, where all five occur, the mean F1 of
five of them, with 95 % intervals.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from autocull.cli.training_options import prepare_backend
from autocull.measure.category import CategoryDetector
from autocull.measure.faces import FaceDetector
from autocull.measure.models import models_root
from autocull.read.photo import Photo
from autocull.stats.intervals import Interval, compute_intervals, mean_interval, wilson_interval
from autocull.train.data.image_io import read_picture
from autocull.train.data.manifest import Row, read_manifest
from autocull.train.evaluation.detector_metrics import COMMON_CATEGORIES, category_metrics
from autocull.train.evaluation.predictions import Prediction
from autocull.vocabulary import CATEGORIES

PEOPLE_OR_LANDSCAPE = {"people", "landscape"}
HEADER = (
    "source left out",
    "n",
    "people or landscape",
    "the same, likeliest of all",
    "accuracy",
    "F1 of five",
)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path)
    parser.add_argument("trained", type=Path)
    parser.add_argument("--epochs", type=int, help="the recipe's by default")
    parser.add_argument("--only", nargs="+", metavar="SOURCE", help="all of them by default")
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    prepare_backend(options.threads)
    rows = read_manifest(options.data / "manifest.csv", labels=CATEGORIES)
    print(f"| {' | '.join(HEADER)} |\n|{'---|' * len(HEADER)}", flush=True)
    predictions: list[Prediction] = []
    for source in options.only or sorted({row.source for row in rows if row.split == "train"}):
        _train(options.data, options.trained / source, source, options.epochs)
        left_out = [row for row in rows if row.source == source and row.split == "train"]
        of_source = _predict(options.trained / source, left_out)
        print(_format_row(source, of_source), flush=True)
        predictions += of_source
    print(_format_row("**all answers**", predictions))


def _train(data: Path, folder: Path, source: str, epochs: int | None) -> None:
    """Train without the source; a stopped training is resumed."""
    from autocull.train.fitting.trainer import TrainOptions, train
    from autocull.train.recipes.registry import make_recipe

    target = folder / "category"
    if not (target / "SHA256SUMS").is_file():
        command = f"autocull train category --without {source}"
        train_options = TrainOptions(
            data=data, out=target, epochs=epochs, resume=True, without=(source,), command=command
        )
        train(make_recipe("category"), train_options)


def _predict(folder: Path, rows: Sequence[Row]) -> list[Prediction]:
    """Predict the rows' photos with the network in a folder, as in the product."""
    faces, detector = FaceDetector(models_root()), CategoryDetector(folder)
    predictions = []
    for row in rows:
        photo = Photo.from_pixels(read_picture(row.path))
        scores = detector.measure(photo, faces.measure(photo))
        likeliest = max(CATEGORIES, key=scores.__getitem__)
        predictions.append(Prediction(row, frozenset({row.label}), frozenset({likeliest}), scores))
    return predictions


def _format_row(name: str, predictions: Sequence[Prediction]) -> str:
    metrics = category_metrics(predictions)
    overall = metrics.overall
    pair = metrics.people_landscape
    correct = [prediction.correct for prediction in predictions if prediction.truth <= PEOPLE_OR_LANDSCAPE]
    share = sum(correct) / len(correct) if correct else None
    common = [overall.per_label[label] for label in COMMON_CATEGORIES]
    present = {label for prediction in predictions for label in prediction.truth}
    interval = mean_interval([(own.f1, compute_intervals(own)["f1"]) for own in common])
    cells = [
        _format_cell(pair.accuracy, wilson_interval(pair.accuracy, pair.n)),
        _format_cell(share, wilson_interval(share, len(correct))),
        _format_cell(overall.accuracy, wilson_interval(overall.accuracy, overall.n)),
        _format_cell(metrics.common, interval) if present.issuperset(COMMON_CATEGORIES) else "-",
    ]
    return f"| {name} | {len(predictions)} | {' | '.join(cells)} |"


def _format_cell(value: float | None, interval: Interval | None) -> str:
    return f"{value:.3f} ({interval[0]:.3f}-{interval[1]:.3f})" if value is not None and interval else "-"


if __name__ == "__main__":
    main()
