"""Grouping of the photos of a run, whose series are stored for the next one."""

from __future__ import annotations

import json
import pickle
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from autocull.measure import Evidence
from autocull.series import (
    GroupingSettings,
    Series,
    Shot,
    digest_grouping,
    digest_shot,
    group,
    series_id,
    shot_of,
)


class SeriesStore(Protocol):
    """Keeps series between runs: `autocull.pipeline.evidence_store.EvidenceStore`, or a fake in tests."""

    def get_series(self, key: bytes) -> str | None:
        """Return what `put_series` stored under a key; None where there is nothing."""
        ...

    def put_series(self, key: bytes, content: str) -> None:
        """Store the series of a shoot."""
        ...


class SeriesFinder:
    """Collects photos by `add`, and groups them in `find`.

    With a `store`, the series are kept under a digest of all that they depend on: the photos' paths, what
    grouping uses of their evidence, the settings, and the code of grouping. Photos are then held packed, and
    become shots only where nothing is stored.
    """

    def __init__(self, settings: GroupingSettings, store: SeriesStore | None = None) -> None:
        self._settings = settings
        self._store = store
        self._shots: dict[Path, Shot] = {}
        self._digests: dict[Path, bytes] = {}
        self._packed: dict[Path, bytes] = {}

    def add(self, path: Path, evidence: Evidence) -> None:
        """Add a photo; one that is added again is replaced. Raises ValueError for an empty embedding."""
        if self._store is None:
            self._shots[path] = shot_of(path, evidence)
            return
        self._digests[path] = digest_shot(path, evidence)
        self._packed[path] = pickle.dumps(replace(evidence, faces=(), defects={}, category={}, models={}))

    def find(self) -> list[Series]:
        """Return the series of the added photos, as `series.group` does, and forget the photos."""
        paths = sorted(self._digests)
        if self._store is None or not paths:
            groups = group(self._shots.values(), self._settings)
            self._shots.clear()
            return groups
        key = digest_grouping([self._digests[path] for path in paths], self._settings)
        groups = _decode(self._store.get_series(key), paths)
        if not groups:
            groups = group([self._unpack(path) for path in paths], self._settings)
            self._store.put_series(key, _encode(groups, paths))
        self._packed.clear()
        self._digests.clear()
        return groups

    def _unpack(self, path: Path) -> Shot:
        return shot_of(path, pickle.loads(self._packed.pop(path)))  # noqa: S301 - packed by `add`


def _encode(groups: Sequence[Series], paths: Sequence[Path]) -> str:
    """Return series as JSON; photos are numbers in `paths`."""
    number_of = {path: number for number, path in enumerate(paths)}
    rows = [
        [
            series.kind,
            [number_of[path] for path in series.paths],
            [[number_of[path] for path in copies] for copies in series.copies],
        ]
        for series in groups
    ]
    return json.dumps(rows, separators=(",", ":"))


def _decode(content: str | None, paths: Sequence[Path]) -> list[Series]:
    """Return the series that `_encode` wrote; none where there are none, or the content is damaged."""
    if content is None:
        return []
    try:
        groups = [
            Series(
                series_id(members := tuple(paths[number] for number in numbers)),
                kind,
                members,
                tuple(tuple(paths[number] for number in each) for each in copies),
            )
            for kind, numbers, copies in json.loads(content)
        ]
    except (ValueError, TypeError, IndexError):
        return []
    return groups if sum(len(series.paths) for series in groups) == len(paths) else []
