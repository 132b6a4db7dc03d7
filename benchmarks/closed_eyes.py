"""What closed eyes do to photos of people, by source: rejected, doubted, remarked, and without a face.

    python benchmarks/closed_eyes.py DATA [PROFILE]

DATA holds `portraits`, `scenes`, `photos` and `more/eyes`. Photos with a face count as photos of people;
those labelled open, and all finished ones, are good. Only faces, eyes and the category are measured.
A second table has the same for what the main face does, labelled by eye (`models/eyes/faces.csv`), and for
how many of these faces closed eyes count as closed on purpose.
"""

from __future__ import annotations

import csv
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from autocull.judge import PROFILES, Settings, judge
from autocull.judge.closed_on_purpose import closed_on_purpose
from autocull.measure import Embedding, Ensemble, Evidence, Exposure, Focus, models_root
from autocull.read import Photo, read_photo
from autocull.stats.intervals import share_interval
from autocull.vocabulary import DEFECTS

OUTCOMES = {
    "eyes_closed": "rejected",
    "eyes_doubtful": "doubted",
    "eyes_on_purpose": "remarked",
}
COLUMNS = ("rejected", "doubted", "remarked", "kept", "no face")
SETS = (
    ("portraits", "portraits"),
    ("scenes", "scenes"),
    ("photos", "photos"),
    ("cew_native", "more/eyes/cew_native_closed"),
    ("utk", "more/eyes/utk_open"),
)


def main(data: Path, profile: str = "balanced") -> None:
    """Print the table for one folder of datasets and one profile."""
    counts: dict[tuple[str, str, str], Counter[str]] = defaultdict(Counter)
    ensemble, settings = Ensemble(models_root()), PROFILES[profile]
    for name, label, row, path in _rows(data):
        outcome = _outcome(ensemble, read_photo(path), settings)
        if name in ("scenes", "photos") and outcome == "no face":
            continue
        counts[name, label, row.get("source", "")][outcome] += 1
        counts[name, label, "all"][outcome] += 1
    _print_header("set", "label", "source")
    for (name, label, source), count in sorted(counts.items()):
        _print_row(name, label, source, count)
    _print_purposes(data, ensemble, settings)


def _print_header(*columns: str) -> None:
    names = "  ".join(f"{each:>22}" for each in COLUMNS)
    print("{:10} {:7} {:18}".format(*columns), f"{'n':>4}  {names}")


def _print_row(name: str, label: str, source: str, count: Counter[str]) -> None:
    total = sum(count[each] for each in COLUMNS)
    cells = "  ".join(f"{_share(count[each], total):>22}" for each in COLUMNS)
    print(f"{name:10} {label:7} {source:18} {total:4}  {cells}")


def _print_purposes(data: Path, ensemble: Ensemble, settings: Settings) -> None:
    """Print the outcomes by what the main face does, and how many faces count as closed on purpose."""
    counts: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    with (models_root() / "eyes" / "faces.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            evidence = _measure(ensemble, read_photo(data / row["photo"]))
            index = _nearest_face(evidence, float(row["x"]), float(row["y"]))
            if index is not None:
                count = counts[row["does"], "closed" if "closed" in row["photo"] else "good"]
                count[_judge_outcome(evidence, settings)] += 1
                count["purpose"] += closed_on_purpose(evidence, index, settings) is not None
    _print_header("does", "label", "purpose")
    for (label, kind), count in sorted(counts.items()):
        _print_row(label, kind, str(count["purpose"]), count)


def _nearest_face(evidence: Evidence, x: float, y: float) -> int | None:
    """Return the index of the face around a position (0-1), None where no face is there."""
    for index, face in enumerate(evidence.faces):
        box = face.box
        if box.x0 <= x <= box.x1 and box.y0 <= y <= box.y1:
            return index
    return None


def _rows(data: Path) -> Iterator[tuple[str, str, dict[str, str], Path]]:
    """Yield set, label, row and path of every photo of people."""
    for name, folder in SETS:
        with (data / folder / "manifest.csv").open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                label = row.get("label", "people")
                if label in ("open", "closed", "people"):
                    yield name, "closed" if label == "closed" else "good", row, data / folder / row["path"]


def _outcome(ensemble: Ensemble, photo: Photo, settings: Settings) -> str:
    return _judge_outcome(_measure(ensemble, photo), settings)


def _judge_outcome(evidence: Evidence, settings: Settings) -> str:
    if not evidence.faces:
        return "no face"
    codes = [reason.code for reason in judge(evidence, settings).reasons]
    return next((OUTCOMES[code] for code in codes if code in OUTCOMES), "kept")


def _measure(ensemble: Ensemble, photo: Photo) -> Evidence:
    """Measure faces, eyes and category; what does not matter for eyes is that of a good photo."""
    faces = ensemble.faces.measure(photo)
    eyes = ensemble.eyes.measure(photo, faces)
    return Evidence(
        kind=photo.kind,
        width=photo.width,
        height=photo.height,
        capture=photo.capture,
        faces=tuple(replace(face, eyes=of_face) for face, of_face in zip(faces, eyes, strict=True)),
        focus=Focus(1.0, 0.0, 0.0, None, "region", ((1.0,),), ((1.0,),)),
        exposure=Exposure(0.5, 0.1, 0.9, 0.0, 0.0),
        defects=dict.fromkeys(DEFECTS, 0.0),
        category=ensemble.category.measure(photo, faces),
        likeness=Embedding(),
        models=ensemble.versions,
    )


def _share(count: int, total: int) -> str:
    low, high = share_interval(count, total) or (0.0, 1.0)
    return f"{count:4} {count / total:6.1%} ({low:.1%}-{high:.1%})"


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])
