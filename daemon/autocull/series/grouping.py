"""Grouping of shots into series: copies first, then sets, then bursts."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from hashlib import blake2b
from importlib.resources import files
from pathlib import Path

import numpy as np

from autocull import __version__
from autocull.arrays import Flags, Indices
from autocull.series.brackets import find_brackets
from autocull.series.clusters import cluster
from autocull.series.copies import are_copies, link_copies
from autocull.series.focus_stacks import are_focus_stacks, find_focus_stacks
from autocull.series.model import GroupingSettings, Kind, Series, series_id
from autocull.series.pairing import QUICK_GAP, LinkedPairs, are_compatible, link_pairs
from autocull.series.panoramas import find_panoramas
from autocull.series.shot import Shot
from autocull.series.timeline import ShotTable
from autocull.series.views import AIMED_SHIFT, HELD_SHIFT, compare_views

ShotGroups = list[tuple[Kind, Indices]]


def group(shots: Iterable[Shot], settings: GroupingSettings) -> list[Series]:
    """Group every shot into exactly one series, in the order of shooting; a shot without others is a single.

    The result depends neither on the order of the input nor on unrelated shots: a shoot that is added to an
    archive leaves the series of the others unchanged. Paths must differ.
    """
    table = ShotTable.from_shots(shots)
    frames = _merge_copies(table, settings)
    groups = _find_groups(table.subset(np.array([frame[0] for frame in frames], np.intp)), settings)
    complete = [(kind, [frames[number] for number in indices]) for kind, indices in groups]
    complete.sort(key=lambda each: int(each[1][0].min()))
    return [_make_series(table, kind, group_frames) for kind, group_frames in complete]


def digest_grouping(shots: Iterable[bytes], settings: GroupingSettings) -> bytes:
    """Return a digest (16 bytes) of all that `group` depends on: where it is equal, the series are.

    `shots` are the digests of the shots (`digest_shot`), in a fixed order. The code of grouping is included,
    so that series of another release are not taken for those of this one.
    """
    digest = blake2b(_digest_code(), digest_size=16)
    digest.update(repr(settings).encode())
    for shot in shots:
        digest.update(shot)
    return digest.digest()


@cache
def _digest_code() -> bytes:
    """Return a digest of the releases of Autocull and NumPy, and of this package's sources."""
    digest = blake2b(f"{__version__} {np.__version__}".encode(), digest_size=16)
    for file in sorted(files(__package__).iterdir(), key=lambda each: each.name):
        if file.name.endswith(".py"):
            digest.update(file.read_bytes())
    return digest.digest()


def _merge_copies(table: ShotTable, settings: GroupingSettings) -> list[Indices]:
    """Merge copies of one frame, so that the following steps handle each frame once."""
    pairs, strength = link_copies(table, settings)
    return cluster(len(table), pairs, strength, lambda a, b: are_copies(table, a, b, settings))


def _find_groups(table: ShotTable, settings: GroupingSettings) -> ShotGroups:
    """Find the sets first, which are kept whole, then bursts and singles."""
    links = link_pairs(table, settings)
    groups: ShotGroups = [
        ("focus_stack", indices) for indices in find_focus_stacks(table, links.scene, links.light, settings)
    ]
    links = links.restrict(_flag_free(len(table), groups))
    groups += [("bracket", run) for run in find_brackets(table, links.scene, links.light, settings)]
    free = _flag_free(len(table), groups)
    groups += [("panorama", indices) for indices in find_panoramas(table, links.restrict(free), settings)]
    free = _flag_free(len(table), groups)
    return groups + _group_bursts(table, links.restrict(free), free, settings)


def _flag_free(count: int, groups: ShotGroups) -> Flags:
    """Return for each shot whether it is in none of the groups."""
    free = np.ones(count, bool)
    for _, indices in groups:
        free[indices] = False
    return free


def _group_bursts(
    table: ShotTable, links: LinkedPairs, free: Flags, settings: GroupingSettings
) -> ShotGroups:
    groups = cluster(
        len(table), links.pairs, links.strength, lambda a, b: are_compatible(table, links, a, b, settings)
    )
    groups = [indices for indices in groups if free[indices[0]]]
    several = [indices for indices in groups if len(indices) > 1]
    stacks = are_focus_stacks(table, several, settings.focus_moved)
    kinds: list[Kind] = [
        "focus_stack" if is_stack else "panorama" if _may_be_panorama(table, indices) else "burst"
        for indices, is_stack in zip(several, stacks, strict=True)
    ]
    return [("single", indices) for indices in groups if len(indices) == 1] + list(
        zip(kinds, several, strict=True)
    )


def _may_be_panorama(table: ShotTable, indices: Indices) -> bool:
    """Return whether the camera moved on between neighbours, in more time than between frames of a burst."""
    pairs = np.stack([indices[:-1], indices[1:]], axis=1)
    untimed = table.lacks_time(pairs[:, 0], pairs[:, 1])
    slow = ~untimed & ~(table.seconds_between(pairs[:, 0], pairs[:, 1]) <= QUICK_GAP)
    return any(
        not compare_views(table, pairs[chosen], max_shift).are_one().all()
        for chosen, max_shift in ((untimed, HELD_SHIFT), (slow, AIMED_SHIFT))
        if chosen.any()
    )


def _make_series(table: ShotTable, kind: Kind, frames: list[Indices]) -> Series:
    """Make a series of frames with their copies; its id depends on the paths alone.

    A single frame with copies is a duplicate.
    """
    paths = _paths_of(table, np.sort(np.concatenate(frames)))
    copies = tuple(_paths_of(table, frame) for frame in frames if len(frame) > 1)
    return Series(series_id(paths), "duplicate" if kind == "single" and copies else kind, paths, copies)


def _paths_of(table: ShotTable, indices: Indices) -> tuple[Path, ...]:
    return tuple(table.shots[number].path for number in indices)
