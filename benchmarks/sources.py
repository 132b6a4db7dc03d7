"""How does the category fare on photos of a source that it was not trained on? Every source left out in turn.

    python benchmarks/sources.py DATA/scenes TRAINED [--epochs N] [--only SOURCE ...] [--threads N]

For each source of the training rows, `autocull train category --without SOURCE` is run into TRAINED/SOURCE
(where it is not done yet), and the network is asked about that source's training rows as the product asks.
Dev is not touched. Prints one row per source, and all answers together: people or landscape (the likelier of
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
from autocull.stats.intervals import Interval, compute_intervals, mean_interval
from autocull.stats.metrics import wilson_interval
from autocull.train.data.image_io import read_picture
from autocull.train.data.manifest import Row, read_manifest
from autocull.train.evaluation.detector_metrics import COMMON_CATEGORIES, compute_metrics
from autocull.train.evaluation.predictions import Prediction
from autocull.vocabulary import CATEGORIES

PAIR = {"people", "landscape"}
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
    answers: list[Prediction] = []
    for source in options.only or sorted({row.source for row in rows if row.split == "train"}):
        _train(options.data, options.trained / source, source, options.epochs)
        left_out = [row for row in rows if row.source == source and row.split == "train"]
        said = _asked(options.trained / source, left_out)
        print(_line(source, said), flush=True)
        answers += said
    print(_line("**all answers**", answers))


def _train(data: Path, folder: Path, source: str, epochs: int | None) -> None:
    """Train without the source; a training that was stopped goes on."""
    from autocull.train.fitting.trainer import TrainOptions, train
    from autocull.train.recipes import make_recipe

    target = folder / "category"
    if not (target / "SHA256SUMS").is_file():
        command = f"autocull train category --without {source}"
        order = TrainOptions(
            data=data, out=target, epochs=epochs, resume=True, without=(source,), command=command
        )
        train(make_recipe("category"), order)


def _asked(folder: Path, rows: Sequence[Row]) -> list[Prediction]:
    """Ask the network in a folder about the rows' photos, as the product does."""
    faces, member = FaceDetector(models_root()), CategoryDetector(folder)
    answers = []
    for row in rows:
        photo = Photo.from_pixels(read_picture(row.path))
        scores = member.measure(photo, faces.measure(photo))
        likeliest = max(CATEGORIES, key=scores.__getitem__)
        answers.append(Prediction(row, frozenset({row.label}), frozenset({likeliest}), scores))
    return answers


def _line(name: str, answers: Sequence[Prediction]) -> str:
    figures = compute_metrics("category", answers)
    pair = figures["people_landscape"]
    outright = [answer.correct for answer in answers if answer.truth <= PAIR]
    share = sum(outright) / len(outright) if outright else None
    common = [figures["per_label"][label] for label in COMMON_CATEGORIES]
    occur = {label for answer in answers for label in answer.truth}
    span = mean_interval([(own["f1"], compute_intervals(own)["f1"]) for own in common])
    cells = [
        _cell(pair["accuracy"], wilson_interval(pair["accuracy"], pair["n"])),
        _cell(share, wilson_interval(share, len(outright))),
        _cell(figures["accuracy"], wilson_interval(figures["accuracy"], figures["n"])),
        _cell(figures["common"], span) if occur.issuperset(COMMON_CATEGORIES) else "-",
    ]
    return f"| {name} | {len(answers)} | {' | '.join(cells)} |"


def _cell(value: float | None, interval: Interval | None) -> str:
    return f"{value:.3f} ({interval[0]:.3f}-{interval[1]:.3f})" if value is not None and interval else "-"


if __name__ == "__main__":
    main()
