"""Decisions from XMP sidecars, and from two folders into which photos were sorted."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from autocull.errors import ManifestError, MarksError
from autocull.judge import MarkRow, Marks
from autocull.learn.decision_rules import MarkedPhoto, infer_decisions
from autocull.learn.decisions import DecisionSet, PhotoDecision
from autocull.output import UNSET, Packet, PhotoMarks, find_other_packets, marks_in, read_packet
from autocull.read import FolderIndex, Frame, find_frames


def read_sidecars(folders: Iterable[Path], table: Sequence[MarkRow]) -> DecisionSet:
    """Read picks, rejects and passed-over photos from the sidecars and photos below the folders.

    Of a photo only the packet with its marks is read.
    Marks that Autocull noted as its own do not count. Marks of the plug-in reach a sidecar without a note:
    those that equal a row of the marks `table`, including its label, count as the plug-in's.
    """
    photos, damaged, index = [], 0, FolderIndex()
    for frame in _find_folder_frames(folders):
        try:
            packets = [read_packet(frame, index), *find_other_packets(frame, index)]
        except MarksError:
            damaged += 1
            continue
        photos.append(_photo_from_packets(frame, [each for each in packets if each is not None], table))
    decision_set = infer_decisions("sidecars", photos)
    if damaged:
        decision_set.left_out["with a sidecar that cannot be read"] = damaged
    return decision_set


def _photo_from_packets(frame: Frame, packets: Sequence[Packet], table: Sequence[MarkRow]) -> MarkedPhoto:
    """Return the photo with the marks of the first packet that has any; that of the sidecar comes first."""
    all_marks = [marks_in(packet) for packet in packets]
    marked = (marks for marks in all_marks if marks.user_set or marks.written is not None)
    marks = next(marked, PhotoMarks.compare(UNSET, None))
    values = Marks(marks.rating or 0, marks.label or "none", marks.flag or 0)
    if _matches_row(values, table):
        marks = PhotoMarks.compare(values, values)
    return MarkedPhoto(frame.path, frame.path.parent, marks)


def _matches_row(marks: Marks, table: Sequence[MarkRow]) -> bool:
    """Return whether the marks equal a row that sets a label; other programs do not combine them so."""
    return any(row.label != "none" and marks == Marks(row.stars, row.label, row.flag) for row in table)


def read_folders(selects: Path, rejects: Path) -> DecisionSet:
    """Take all photos below `selects` as selected and all below `rejects` as rejected.

    A photo in both folders (same name and size) counts as selected only.
    """
    select_frames = _find_folder_frames([selects])
    select_keys = {_name_and_size(frame) for frame in select_frames}
    reject_frames = [
        frame for frame in _find_folder_frames([rejects]) if _name_and_size(frame) not in select_keys
    ]
    decisions = [PhotoDecision(frame.path, True) for frame in select_frames]
    decisions += [PhotoDecision(frame.path, False) for frame in reject_frames]
    return DecisionSet("folders", decisions)


def _name_and_size(frame: Frame) -> tuple[str, int]:
    return frame.path.name.casefold(), frame.path.stat().st_size


def _find_folder_frames(folders: Iterable[Path]) -> list[Frame]:
    folders = list(folders)
    for folder in folders:
        if not folder.is_dir():
            raise ManifestError(f"There is no folder {folder}.")
    return list(find_frames(folders).frames)
