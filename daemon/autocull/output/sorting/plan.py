"""The plan of sorting a shoot into sub-folders; `undo_journal.execute` carries it out."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Literal

from autocull.errors import MarksError
from autocull.judge import CRITERIA, DEFOCUS, MOTION, REASON_TEXTS, Reason
from autocull.measure import Focus
from autocull.output.result import Judged, Result
from autocull.read import PHOTO_SUFFIXES, Frame, normalise_name

SortKey = Literal["verdict", "category", "defect", "eyes"]
SortMode = Literal["copy", "link", "move"]

GOOD = "good"
"""The folder of photos without a defect, where photos are sorted by defect."""

DEFECT_FOLDERS: Mapping[str, str] = MappingProxyType(
    {
        code: criterion.folder
        for criterion in CRITERIA
        for code in criterion.codes
        if criterion.folder and code != DEFOCUS.doubt_code
    }
)
"""The folder for each reason that is a defect; a doubt about focus goes by the likelier kind."""

_COMPANION_FOLDERS = ("NKSC_PARAM", "CaptureOne/Settings*")
"""Sub-folders in which NX Studio and Capture One keep their settings of a photo."""

_DUPLICATE_SIDECAR = re.compile(r"(.+)_\d\d(\.[^.]+)\.xmp")
"""Names of darktable's sidecars of duplicates: IMG_01.NEF.xmp belongs to IMG.NEF."""


@dataclass(frozen=True, slots=True)
class FileOperation:
    """One file and its new path."""

    source: Path
    target: Path


@dataclass(frozen=True, slots=True)
class SortPlan:
    """The files to sort, all paths absolute.

    `left_behind` are files beside moved photos that look as if they belonged to them, and stay.
    """

    into: Path
    how: SortMode
    steps: tuple[FileOperation, ...]
    left_behind: tuple[Path, ...] = ()


class SortPlanner:
    """Plans where each file of a shoot goes: into a sub-folder of `into`, and there into the shoot's own.

    All files of a frame have one target folder, with those that belong to them: every file named IMG.* or
    IMG.NEF.* that is no photo itself, and its settings in sub-folders of other programs. These go before the
    photo: where a run is killed in between, the photo is found where it was, and sorted by the next run.
    Unreadable frames stay where they are. `is_unchanged` returns whether a frame has the files that were
    judged.
    """

    def __init__(
        self,
        into: Path,
        *,
        by: SortKey,
        how: SortMode,
        is_unchanged: Callable[[Frame], bool] = lambda _: True,
    ) -> None:
        self._into = _make_absolute(into)
        self._by = by
        self._how = how
        self._is_unchanged = is_unchanged
        self._folders: list[tuple[Frame, str]] = []

    def add(self, result: Result) -> None:
        """Add a judged frame to its sub-folder."""
        if isinstance(result, Judged):
            self._folders.append((result.frame, folder_of(result, self._by)))

    def finish(self) -> SortPlan:
        """Return the plan; nothing is touched.

        Raises MarksError where a target exists or is planned twice, where a file is gone or was replaced, and
        where links would have to cross drives.
        """
        root = _find_common_folder([_make_absolute(frame.path).parent for frame, _ in self._folders])
        steps: dict[FileOperation, None] = {}  # in order, each once: a pair shares its sidecar
        companions_of = cache(_list_companions)
        for frame, name in self._folders:
            for file in map(_make_absolute, frame.files):
                folder = self._into / name / file.parent.relative_to(root)
                for source in (*_find_companions(file, companions_of(file.parent)), file):
                    target = folder / source.relative_to(file.parent)
                    if source != target:
                        steps[FileOperation(source, target)] = None
        plan = SortPlan(self._into, self._how, tuple(steps), self._find_left_behind(steps, companions_of))
        check_plan(plan)
        self._check_frames()
        return plan

    def _check_frames(self) -> None:
        """Raise MarksError for a photo that is no longer the one that was judged."""
        for frame, _ in self._folders:
            if not self._is_unchanged(frame):
                message = f"{frame.path} changed since it was judged; cull the folder again."
                raise MarksError(frame.path, message)

    def _find_left_behind(
        self, steps: Iterable[FileOperation], companions_of: Callable[[Path], Mapping[str, list[Path]]]
    ) -> tuple[Path, ...]:
        """Return the files that belong to no photo, and whose names go on after that of a moved one."""
        if self._how != "move":
            return ()
        sources = {step.source for step in steps}
        stems: dict[Path, set[str]] = {}
        for source in sources:
            if source.suffix.lower() in PHOTO_SUFFIXES:
                stems.setdefault(source.parent, set()).add(normalise_name(source.stem))
        left_behind = []
        for folder in sorted(stems):
            owned = {path for paths in companions_of(folder).values() for path in paths}
            left_behind += [
                path
                for path in sorted(folder.iterdir())
                if path not in owned
                and path.suffix.lower() not in PHOTO_SUFFIXES
                and _continues_any(normalise_name(path.name), stems[folder])
                and path.is_file()
            ]
        return tuple(left_behind)


def folder_of(result: Judged, by: SortKey) -> str:
    """Return the name of the sub-folder that a frame belongs to."""
    if by == "verdict":
        return result.verdict.answer
    if by == "eyes":
        return result.verdict.eyes
    if by == "category":
        return max(result.evidence.category, key=result.evidence.category.__getitem__)
    return _strongest_defect(result)


def _strongest_defect(result: Judged) -> str:
    """Return the folder of the strongest defect past its limit; rejecting ones come before doubtful ones."""
    defects = [(reason, _defect_folder(reason, result.evidence.focus)) for reason in result.verdict.reasons]
    matches = [(reason, folder) for reason, folder in defects if folder is not None]
    return max(matches, key=lambda each: _strength(each[0]))[1] if matches else GOOD


def _defect_folder(reason: Reason, focus: Focus) -> str | None:
    if reason.code == DEFOCUS.doubt_code:
        return (MOTION if focus.motion > focus.defocus else DEFOCUS).folder
    return DEFECT_FOLDERS.get(reason.code)


def _strength(reason: Reason) -> tuple[bool, float]:
    """Return whether a reason rejects, and how far (0-1) it is past its limit."""
    reason_text = REASON_TEXTS[reason.code]
    margin = reason.limit if reason_text.bad_side == "below" else 1 - reason.limit
    return reason_text.rejects, abs(reason.measured - reason.limit) / margin if margin else 1.0


def _continues_any(name: str, stems: Set[str]) -> bool:
    """Return whether a name is one of the stems and more, as IMG_1-edit.pp3 and IMG_1 (2).xmp are."""
    return any(name[:end] in stems for end in range(1, len(name)) if not name[end].isalnum())


def _make_absolute(path: Path) -> Path:
    return Path(os.path.abspath(path))  # noqa: PTH100 - resolve() would follow links


def _find_common_folder(folders: list[Path]) -> Path:
    """Return the deepest folder that contains all folders of the shoot."""
    try:
        return Path(os.path.commonpath(folders)) if folders else Path()
    except ValueError as error:
        message = f"{folders[0]} and {folders[-1]} are on different drives; sort one drive at a time."
        raise MarksError(folders[-1], message) from error


def _list_companions(folder: Path) -> dict[str, list[Path]]:
    """Return the files of a folder that are no photos by the normalised name or stem of their photo.

    Of the photos whose name or stem begins the name of a file, the one with the longest has it.
    """
    try:
        paths = sorted(folder.iterdir())
        paths += sorted(path for pattern in _COMPANION_FOLDERS for path in folder.glob(f"{pattern}/*"))
    except OSError as error:
        raise MarksError(folder, f"The folder {folder} cannot be read: {error.strerror}.") from error
    photos = [path for path in paths if path.suffix.lower() in PHOTO_SUFFIXES]
    owners = {normalise_name(name) for photo in photos for name in (photo.name, photo.stem)}
    companions: dict[str, list[Path]] = {}
    for path in paths:
        if path.suffix.lower() not in PHOTO_SUFFIXES and path.is_file():
            owner = next((name for name in _owner_names(path.name) if name in owners), None)
            if owner is not None:
                companions.setdefault(owner, []).append(path)
    return companions


def _owner_names(name: str) -> Iterator[str]:
    """Yield the normalised names that the photo of a file may have, the longest first."""
    normalised = normalise_name(name)
    parts = normalised.split(".")
    yield from (".".join(parts[:count]) for count in range(len(parts) - 1, 0, -1))
    if match := _DUPLICATE_SIDECAR.fullmatch(normalised):
        yield match[1] + match[2]


def _find_companions(file: Path, companions: Mapping[str, list[Path]]) -> Iterator[Path]:
    for name in {normalise_name(file.name): None, normalise_name(file.stem): None}:
        yield from (path for path in companions.get(name, ()) if path != file)


def check_plan(plan: SortPlan) -> None:
    """Raise MarksError for a plan that would lose, overwrite or separate files."""
    into, steps, how = plan.into, plan.steps, plan.how
    by_target: dict[str, FileOperation] = {}
    by_source: dict[Path, FileOperation] = {}
    for step in steps:
        if is_duplicate := by_target.setdefault(normalise_name(str(step.target)), step) != step:
            raise _duplicate_target_error(step, by_target[normalise_name(str(step.target))])
        if how == "move" and (is_duplicate or by_source.setdefault(step.source, step) != step):
            raise _duplicate_source_error(step, by_source[step.source])
        _check_source(step, how)
        if os.path.lexists(step.target):
            message = f"{step.source} would overwrite {step.target}; move one of them away first."
            raise MarksError(step.target, message)
    for folder in {step.target.parent for step in steps}:
        _check_folder(folder)
    if how == "link" and steps:
        _check_drive(into, steps)


def _check_source(step: FileOperation, how: SortMode) -> None:
    if how == "move" and step.source.is_symlink():
        raise MarksError(step.source, f"{step.source} is a link and would break when moved; use --copy.")
    if not step.source.is_file():
        raise MarksError(step.source, f"{step.source} is no longer there; cull the folder again.")


def _check_folder(folder: Path) -> None:
    """Raise MarksError for a folder whose path is blocked by a file."""
    existing = _nearest_existing(folder)
    if not existing.is_dir():
        raise MarksError(existing, f"{existing} is in the way of the folder {folder}; move it away first.")


def _check_drive(into: Path, steps: tuple[FileOperation, ...]) -> None:
    drive = _nearest_existing(into).stat().st_dev
    for step in steps:
        if step.source.stat().st_dev != drive:
            message = f"{step.source} cannot be linked into {into} on another drive; use --copy."
            raise MarksError(step.source, message)


def _nearest_existing(path: Path) -> Path:
    """Return the path itself, or the nearest of its parents that exists."""
    return next(each for each in (path, *path.parents) if os.path.lexists(each))


def _duplicate_target_error(step: FileOperation, other: FileOperation) -> MarksError:
    message = f"{step.source} and {other.source} would both become {step.target}; rename one of them."
    return MarksError(step.source, message)


def _duplicate_source_error(step: FileOperation, other: FileOperation) -> MarksError:
    message = f"{step.source} belongs both to {other.target.parent} and to {step.target.parent}; use --copy."
    return MarksError(step.source, message)
