"""Manifests: CSV files that list the samples of a dataset with label, split, group and source."""

from __future__ import annotations

import csv
import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from autocull.errors import ManifestError

SPLITS = ("train", "dev")
VALIDATION_SHARE = 0.15

_CROP_SUFFIX = re.compile(
    r"(\.[A-Za-z]+)?_face_\d+(_[LR])?$"
)  # "0226.BMP_face_1_L" is one eye of photo "0226"


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a manifest.

    `path` is absolute or relative to the working directory; `label` is "" where the manifest has none;
    rows of one `group` (a person, a series, a clip) always fall into one split; `source` is "" where not
    given; `extra` holds the other columns; `line` is the line number in the file.
    """

    path: Path
    label: str
    split: str
    group: str
    source: str
    line: int
    extra: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Splits:
    """The rows of one training: `validation` is split off the `train` rows, `dev` is never trained on."""

    train: tuple[Row, ...]
    validation: tuple[Row, ...]
    dev: tuple[Row, ...]


def read_manifest(file: Path, *, labels: Sequence[str] | None = None) -> list[Row]:
    """Read a manifest CSV; paths in it are relative to its folder.

    The column `path` is required. Optional are `label`, `split` ("train" or "dev"; default "train"), `group`
    (or `subject`; default source and path) and `source`. A group that names one eye or face of a photo
    becomes that of the photo, and the rows of a group that has a `dev` row are all `dev`. With `labels` every
    label must be one of them, or several joined by `;` or `|`. Raises ManifestError with the file and the
    line.
    """
    try:
        with file.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.DictReader(stream)
            if "path" not in (reader.fieldnames or ()):
                raise ManifestError(f"{file}, line 1: there is no column `path`.")
            rows = [_parse_row(file, reader.line_num, record) for record in reader]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ManifestError(
            f"{file} cannot be read as a manifest ({error}); a CSV file in UTF-8 is required."
        ) from error
    if not rows:
        raise ManifestError(f"{file}, line 1: the manifest holds no rows.")
    if labels is not None:
        for row in rows:
            _check_label(file, row, labels)
    return keep_groups_whole(rows)


def keep_groups_whole(rows: Sequence[Row]) -> list[Row]:
    """Return the rows with every row of a group that has a `dev` row as `dev`, whatever its manifest claims.

    For rows of several manifests: so no person is trained on whom another one keeps for measuring.
    """
    dev = {row.group for row in rows if row.split == "dev"}
    return [replace(row, split="dev") if row.group in dev else row for row in rows]


def _parse_row(file: Path, line: int, record: Mapping[str | None, str | list[str] | None]) -> Row:
    if None in record or None in record.values():
        raise ManifestError(f"{file}, line {line}: the number of columns differs from the first line's.")
    cells = {str(key): str(value).strip() for key, value in record.items()}
    path, split = cells.pop("path"), cells.pop("split", "") or "train"
    if not path:
        raise ManifestError(f"{file}, line {line}: the path is empty.")
    if split not in SPLITS:
        raise ManifestError(f"{file}, line {line}: the split {split!r} is none of {', '.join(SPLITS)}.")
    label, source = cells.pop("label", ""), cells.pop("source", "")
    subject = cells.pop("subject", "")
    group = _CROP_SUFFIX.sub("", cells.pop("group", "") or subject) or f"{source}/{path}"
    return Row(file.parent / path, label, split, group, source, line, cells)


def _check_label(file: Path, row: Row, labels: Sequence[str]) -> None:
    unknown = [label for label in split_labels(row.label) if label not in labels]
    if unknown or not row.label:
        problem = f"the label {unknown[0]!r} is unknown" if unknown else "the label is missing"
        raise ManifestError(f"{file}, line {row.line}: {problem}; accepted are {', '.join(labels)}.")


def split_labels(label: str) -> list[str]:
    """Return the labels of a cell that joins several with `;` or `|`."""
    return [part.strip() for part in label.replace("|", ";").split(";") if part.strip()]


def split_validation(rows: Iterable[Row], *, share: float = VALIDATION_SHARE, seed: int = 0) -> Splits:
    """Split the validation rows off the `train` rows, whole groups only, by a hash of group and seed.

    A group falls on the same side in every run and on every machine; adding rows moves no other row, except
    that a `dev` row makes its whole group `dev`.
    """
    rows_by_split: dict[str, list[Row]] = {"train": [], "validation": [], "dev": []}
    for row in keep_groups_whole(list(rows)):
        held_out = row.split == "train" and _hash_fraction(row.group, seed) < share
        rows_by_split["validation" if held_out else row.split].append(row)
    return Splits(
        tuple(rows_by_split["train"]), tuple(rows_by_split["validation"]), tuple(rows_by_split["dev"])
    )


def exclude_overlap(rows: Iterable[Row], reference_rows: Iterable[Row]) -> list[Row]:
    """Return the rows that share neither group nor column `origin` with a `train` row of `reference_rows`.

    An evaluation on them contains no person that the network was trained on. An empty origin matches none.
    """
    train_rows = [row for row in reference_rows if row.split == "train"]
    groups = {row.group for row in train_rows}
    origins = {row.extra.get("origin", "") for row in train_rows} - {""}
    return [row for row in rows if row.group not in groups and row.extra.get("origin") not in origins]


def _hash_fraction(group: str, seed: int) -> float:
    """Return a number from 0 to below 1, evenly distributed over groups and the same in every run."""
    digest = hashlib.sha256(f"{seed}:{group}".encode()).digest()
    return int.from_bytes(digest[:8], "big") / 2**64
