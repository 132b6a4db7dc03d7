"""Decisions from XMP sidecars, and from two folders into which she sorted her photos."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from autocull.errors import ManifestError, MarksError
from autocull.judge.settings import MarkRow
from autocull.learn.decision_rules import Marked, decisions_among
from autocull.learn.decisions import Decision, Gathered
from autocull.output.sidecars.merge import SidecarMarks, marks_in
from autocull.output.sidecars.sidecar import packet_of
from autocull.read import Frame, find_frames


def read_sidecars(folders: Iterable[Path], table: Sequence[MarkRow]) -> Gathered:
    """Read what she picked, rejected and passed over from the sidecars below the folders; no photo is read.

    Marks that Autocull noted as its own do not count. The plug-in's reach a sidecar without a note: those
    that are exactly a row of the marks `table`, label and all, are taken for its.
    """
    photos, damaged = [], 0
    for frame in _frames(folders):
        try:
            packet = packet_of(frame)
        except MarksError:
            damaged += 1
            continue
        photos.append(_marked(frame, None if packet is None else marks_in(packet), table))
    gathered = decisions_among("sidecars", photos)
    if damaged:
        gathered.left_out["with a sidecar that cannot be read"] = damaged
    return gathered


def _marked(frame: Frame, found: SidecarMarks | None, table: Sequence[MarkRow]) -> Marked:
    folder = frame.path.parent
    if found is None:
        return Marked(frame.path, folder)
    set_here = {"rating": found.rating, "label": found.label, "flag": found.flag}
    ours = any(value is not None and mark not in found.hers for mark, value in set_here.items())
    if _is_row(found, table):
        return Marked(frame.path, folder, ours=True)
    return Marked(
        frame.path,
        folder,
        flag=found.flag if "flag" in found.hers else None,
        starred=found.rating is not None and "rating" in found.hers,
        ours=ours,
    )


def _is_row(found: SidecarMarks, table: Sequence[MarkRow]) -> bool:
    """Whether the marks are a row that sets a label: nobody else marks photos just so."""
    own = (found.rating or 0, found.label or "none", found.flag or 0)
    return any(row.label != "none" and own == (row.stars, row.label, row.flag) for row in table)


def read_folders(selects: Path, rejects: Path) -> Gathered:
    """Take all photos below one folder as selected, and all below the other as not.

    A photo that lies in both (same name and size) was selected: its copy among the rejects says nothing.
    """
    chosen = _frames([selects])
    kept = {_name_and_size(frame) for frame in chosen}
    others = [frame for frame in _frames([rejects]) if _name_and_size(frame) not in kept]
    decisions = [Decision(frame.path, True) for frame in chosen]
    decisions += [Decision(frame.path, False) for frame in others]
    return Gathered("folders", decisions)


def _name_and_size(frame: Frame) -> tuple[str, int]:
    return frame.path.name.casefold(), frame.path.stat().st_size


def _frames(folders: Iterable[Path]) -> list[Frame]:
    folders = list(folders)
    for folder in folders:
        if not folder.is_dir():
            raise ManifestError(f"There is no folder {folder}.")
    return list(find_frames(folders).frames)
