"""Write manifests of the shared photos for `autocull evaluate verdicts`.

    python benchmarks/verdict_manifest.py DATA OUT [--split dev]

DATA is the folder of the shared photos. OUT gets `verdicts.csv` (photos judged alone) and `sets.csv` (series
that were taken on purpose, judged as shoots: no photo of them may be rejected). Only names and labels are
written. Kinds of good photos were labelled by eye on contact sheets (`benchmarks/photo_kinds.csv`);
everything else follows from the labels of the sets. Dark references without noise are not listed. Rows are
the dev rows, and all rows of sets without splits; `--split all` adds the train rows. A photo that two sets
share is listed once, at its larger size.
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Iterator
from pathlib import Path

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


def main() -> None:
    """Write both manifests, and print how many photos of each kind they hold."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--split", choices=["dev", "all"], default="dev")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    data = options.data.resolve()
    manifests = {
        "verdicts.csv": list(_list_photos(data, options.split)),
        "sets.csv": list(_list_series(data, options.split)),
    }
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
            kind = _kind_of(name, row, kinds.get(photo))
            if kind is None or (split == "dev" and own_split != "dev"):
                continue
            names = _names(row)
            if name == "scenes" and names & listed:
                continue
            listed |= names
            yield _make_row(data / photo, kind, row, name, own_split, "")


def _kind_of(name: str, row: Row, by_eye: str | None) -> str | None:
    """Return the kinds of a photo, None where it has none."""
    label = row.get("label", "")
    fault = FAULTS.get((name, label))
    if fault is not None:
        return fault
    if by_eye is not None:
        return by_eye
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


def _make_row(path: Path, kind: str, row: Row, name: str, split: str, series: str) -> Row:
    is_faulty = bool(set(kind.split(";")) & set(FAULTS.values()))
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


if __name__ == "__main__":
    main()
