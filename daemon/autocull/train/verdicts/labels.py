"""Manifests of photos labelled as good or faulty, by kind."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from autocull.errors import ManifestError
from autocull.train.data import Row, read_manifest, split_labels

FAULT_KINDS = ("blur", "motion", "closed_eyes", "dark", "bright", "noise", "flare", "compression")
"""The kinds of faults."""

GOOD_KINDS = (
    *("portrait", "couple", "group", "landscape", "night", "fog", "high_key", "low_key", "snow"),
    *("bokeh", "macro", "sport", "document", "other"),
)
"""The kinds of good photos."""

LABELS_OF_VERDICTS = ("good", "faulty")


@dataclass(frozen=True, slots=True)
class VerdictSample:
    """A photo of a manifest, with what is wrong with it or what good photo it is.

    `kinds` are of `FAULT_KINDS` where the photo `is_faulty` (one at least), else of `GOOD_KINDS`; photos with
    the same `series` are judged as one shoot, a photo whose `series` is "" alone.
    """

    path: Path
    kinds: tuple[str, ...]
    is_faulty: bool
    source: str
    split: str
    group: str
    series: str


def read_verdict_samples(files: Iterable[Path]) -> list[VerdictSample]:
    """Read manifests of labelled photos; paths in them are relative to the folder of each.

    Columns: `path`; `kind`, one or several of `FAULT_KINDS` and `GOOD_KINDS` joined by `;` (a faulty photo
    may have kinds of both, of which those of faults count; empty is "other"); and optionally `label` (good or
    faulty, which has to agree with `kind`), `source`, `split`, `group` and `series`. Raises ManifestError
    with file and line of what is not usable, and for a photo that is listed twice.
    """
    photos: list[VerdictSample] = []
    lines: dict[Path, str] = {}
    for file in files:
        for row in read_manifest(file):
            position = f"{file}, line {row.line}"
            if row.path in lines:
                raise ManifestError(f"{position}: {row.path} is also listed at {lines[row.path]}.")
            lines[row.path] = position
            photos.append(_parse_photo(position, row))
    return photos


def _parse_photo(position: str, row: Row) -> VerdictSample:
    kinds = split_labels(row.extra.get("kind", "")) or ["other"]
    unknown = [kind for kind in kinds if kind not in (*FAULT_KINDS, *GOOD_KINDS)]
    if unknown:
        accepted = ", ".join((*FAULT_KINDS, *GOOD_KINDS))
        raise ManifestError(f"{position}: the kind {unknown[0]!r} is unknown; accepted are {accepted}.")
    faults = tuple(kind for kind in kinds if kind in FAULT_KINDS)
    if row.label and row.label not in LABELS_OF_VERDICTS:
        raise ManifestError(f"{position}: the label {row.label!r} is neither good nor faulty.")
    if row.label and (row.label == "faulty") != bool(faults):
        raise ManifestError(f"{position}: the label {row.label} contradicts the kind {';'.join(kinds)}.")
    return VerdictSample(
        path=row.path,
        kinds=faults or tuple(kinds),
        is_faulty=bool(faults),
        source=row.source,
        split=row.split,
        group=row.group,
        series=row.extra.get("series", ""),
    )


def sample_photos(photos: Sequence[VerdictSample], count: int) -> list[VerdictSample]:
    """Return at most about `count` photos of each source and kind, in the same order and the same each time.

    Series are sampled whole, so that the last one may exceed `count`.
    """
    units: dict[tuple[str, tuple[str, ...]], dict[str, list[VerdictSample]]] = defaultdict(dict)
    by_unit: dict[str, list[VerdictSample]] = defaultdict(list)
    for photo in photos:
        by_unit[unit_of(photo)].append(photo)
    for name, unit in by_unit.items():
        units[unit[0].source, unit[0].kinds][name] = unit
    chosen: set[Path] = set()
    for named_units in units.values():
        total = 0
        for name in sorted(named_units, key=_digest):
            if total >= count:
                break
            total += len(named_units[name])
            chosen |= {photo.path for photo in named_units[name]}
    return [photo for photo in photos if photo.path in chosen]


def unit_of(photo: VerdictSample) -> str:
    """Return an identifier that photos share where they are judged as one shoot."""
    return f"series:{photo.series}" if photo.series else f"photo:{photo.path.as_posix()}"


def _digest(name: str) -> bytes:
    return hashlib.sha256(name.rpartition("/")[2].encode()).digest()
