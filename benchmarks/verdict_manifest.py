"""Write manifests of the shared photos for `autocull evaluate verdicts`.

    python benchmarks/verdict_manifest.py DATA OUT [--split dev] [--made]

DATA is the folder of the shared photos. OUT gets `verdicts.csv` (photos judged alone) and `sets.csv` (series
that were taken on purpose, judged as shoots: no photo of them may be rejected). Only names and labels are
written. Kinds of good photos were labelled by eye on contact sheets (`benchmarks/photo_kinds.csv`);
everything else follows from the labels of the sets. Dark references without noise are not listed. Rows are
the dev rows, and all rows of sets without splits; `--split all` adds the train rows. A photo that two sets
share is listed once, at its larger size.

With `--made` OUT also gets `sizes.csv`, for `evaluate verdicts --sizes`: finished photos of camera size, RAW
files, and in `OUT/made` copies of these photos with a fault of each kind, made at camera size. All blur is
a share of the long side, so that a verdict has no reason to change with size.
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from PIL import Image, ImageFilter
from scipy.ndimage import uniform_filter1d

from autocull.train.evaluation.corruptions import CORRUPTIONS

Row = dict[str, str]
COLUMNS = ("path", "label", "kind", "source", "split", "group", "series")
KINDS_FILE = Path(__file__).parent / "photo_kinds.csv"

FAULTS = {
    ("blur", "motion"): "motion",
    ("blur", "blurred"): "blur",
    ("defects", "dark"): "dark",
    ("defects", "bright"): "bright",
    ("defects", "noisy"): "noise",
    ("portraits", "closed"): "closed_eyes",
    ("more/blur/realblur", "motion"): "motion",
    ("more/eyes/cew_native_closed", "closed"): "closed_eyes",
    ("more/defects/flare_night_phone", "flare"): "flare",
    ("more/defects/flare_night_phone", "flare_mild"): "flare",
    ("more/series/bracket", "too_dark"): "dark",
    ("more/series/bracket", "too_bright"): "bright",
}
"""The kind of fault by set and label."""

GOOD = {
    ("blur", "sharp"): "other",
    ("portraits", "open"): "portrait",
    ("more/blur/realblur", "sharp"): "night",
    ("more/eyes/utk_open", "open"): "portrait",
    ("more/defects/flare_night_phone", "night_no_visible_flare"): "night",
}
"""The kind of good photo by set and label, where a photo was not labelled by itself."""

SETS = ("photos", "scenes", *dict.fromkeys(name for name, _ in (*FAULTS, *GOOD)))
KINDS_ONLY = ("more/good/lowkey_fuji", "more/good/camera_size", "more/blur/cuhk_partial")
SERIES = ("bracket", "panorama", "focus_stack", "around_object")


CAMERA_SIZE = "more/good/camera_size"


def main() -> None:
    """Write both manifests, and print how many photos of each kind they hold."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--split", choices=["dev", "all"], default="dev")
    parser.add_argument("--made", action="store_true")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    data = options.data.resolve()
    manifests = {
        "verdicts.csv": list(_list_photos(data, options.split)),
        "sets.csv": list(_list_series(data, options.split)),
    }
    if options.made:
        manifests["sizes.csv"] = list(_list_sizes(data, options.out.resolve() / "made"))
    for name, rows in manifests.items():
        with (options.out / name).open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
        print(f"{options.out / name}: {len(rows)} photos")


def _list_photos(data: Path, split: str) -> Iterator[Row]:
    """Yield a row for every photo with a fault or with a kind of good photo."""
    kinds = {row["photo"]: row["kind"] for row in _read(KINDS_FILE)}
    listed: set[str] = set()
    for name in (*SETS, *KINDS_ONLY):
        for row in _read(data / name / "manifest.csv"):
            own_split = row.get("split") or "dev"
            photo = f"{name}/{row['path']}"
            kind = _kind_of(name, row, own_split, kinds.get(photo))
            if kind is None or (split == "dev" and own_split != "dev"):
                continue
            names = _names(row)
            if name == "scenes" and names & listed:
                continue
            listed |= names
            yield _make_row(data / photo, kind, row, name, own_split, "")


def _kind_of(name: str, row: Row, split: str, by_eye: str | None) -> str | None:
    """Return the kinds of a photo, None where it has none; good train photos have no kind of their own."""
    label = row.get("label", "")
    fault = FAULTS.get((name, label))
    if fault is not None:
        return fault
    if by_eye is not None:
        return by_eye
    if name == "photos" and split == "train":
        return "other"
    kind = GOOD.get((name, label))
    if name == "portraits" and kind is not None:
        faces = int(row["n_faces_yunet"] or 1)
        return "portrait" if faces <= 1 else "couple" if faces == 2 else "group"
    return kind


def _list_series(data: Path, split: str) -> Iterator[Row]:
    """Yield a row for every frame of a series that was taken on purpose; all of them are to be kept."""
    for name in SERIES:
        folder = data / "more" / "series" / name
        for row in _read(folder / "manifest.csv"):
            if split == "all" or row["split"] == "dev":
                yield _make_row(
                    folder / row["path"], "other", row, name, row["split"], f"{name}/{row['group']}"
                )


def _list_sizes(data: Path, folder: Path) -> Iterator[Row]:
    """Yield the photos of camera size, the RAW files of cameras, and faults made of the former."""
    folder.mkdir(exist_ok=True)
    for row in _read(data / "raw" / "manifest.csv"):
        if row["expected"] == "scored" and not row["path"].startswith("made/"):
            yield _make_row(data / "raw" / row["path"], "other", {}, "raw", "dev", "")
    for row in _read(data / CAMERA_SIZE / "manifest.csv"):
        path = data / CAMERA_SIZE / row["path"]
        yield _make_row(path, "other", row, CAMERA_SIZE, row["split"], "")
        with Image.open(path) as image:
            picture = image.convert("RGB")
        for index, (kind, make_fault) in enumerate(MADE_FAULTS.items()):
            target = folder / f"{path.stem}-{kind}.jpg"
            make_fault(picture, np.random.default_rng(index)).save(target, quality=95, subsampling=0)
            yield _make_row(target, kind, row, CAMERA_SIZE, row["split"], "")


def _defocus(picture: Image.Image, _: np.random.Generator) -> Image.Image:
    """Blur by a Gaussian of 0.6 % of the long side."""
    return picture.filter(ImageFilter.GaussianBlur(0.006 * max(picture.size)))


def _move(picture: Image.Image, _: np.random.Generator) -> Image.Image:
    """Blur along a horizontal line of 2.5 % of the long side."""
    levels = np.asarray(picture, np.float32)
    moved = uniform_filter1d(levels, round(0.025 * max(picture.size)), axis=1, mode="nearest")
    return Image.fromarray(np.rint(moved).astype(np.uint8))


def _make_row(path: Path, kind: str, row: Row, name: str, split: str, series: str) -> Row:
    is_faulty = bool(set(kind.split(";")) & {*FAULTS.values(), *MADE_FAULTS})
    source = row.get("source", "") or name.rpartition("/")[2]
    values = (str(path), "faulty" if is_faulty else "good", kind, _name_source(name, source), split)
    return dict(zip(COLUMNS, (*values, row.get("group", "") or row.get("subject", ""), series), strict=True))


def _name_source(name: str, source: str) -> str:
    """Return a source's name; those that several sets share get the set's name, too."""
    return f"{name} {source}" if "/" not in name and name in ("photos", "scenes", "blur") else source


def _names(row: Row) -> set[str]:
    """Return the names that a photo has in all sets: its file name without the source's prefix."""
    stem = Path(row["path"]).stem
    for prefix in ("imagenet_", "bsds_", "single_"):
        stem = stem.removeprefix(prefix)
    return {stem}


def _read(file: Path) -> list[Row]:
    with file.open(newline="", encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


MADE_FAULTS: dict[str, Callable[[Image.Image, np.random.Generator], Image.Image]] = {
    "blur": _defocus,
    "motion": _move,
    "dark": CORRUPTIONS["too_dark"],
    "bright": CORRUPTIONS["too_bright"],
    "noise": CORRUPTIONS["noise"],
    "flare": CORRUPTIONS["lens_flare"],
    "compression": CORRUPTIONS["low_quality"],
}
"""The functions that make each fault; those of exposure and files are of no training's generator."""


if __name__ == "__main__":
    main()
