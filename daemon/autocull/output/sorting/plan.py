"""Plan of sorting a shoot into sub-folders: where each file goes; `undo_journal` carries it out."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Literal

from autocull.errors import MarksError
from autocull.judge import WORDS
from autocull.judge.verdict import Reason
from autocull.measure.evidence import Focus
from autocull.output.result import Judged, Result

By = Literal["verdict", "category", "defect", "eyes"]
How = Literal["copy", "link", "move"]

GOOD = "good"
"""The folder of photos without a defect, where photos are sorted by defect."""

DEFECT_FOLDERS: Mapping[str, str] = MappingProxyType(
    {
        "out_of_focus": "defocus",
        "motion_blur": "motion_blur",
        "too_dark": "too_dark",
        "dark_doubtful": "too_dark",
        "too_bright": "too_bright",
        "bright_doubtful": "too_bright",
        "lens_flare": "lens_flare",
        "flare_doubtful": "lens_flare",
        "low_quality": "low_quality",
        "quality_doubtful": "low_quality",
        "noise": "noise",
        "noise_doubtful": "noise",
        "damaged": "damaged",
        "damage_doubtful": "damaged",
    }
)
"""The folder for each reason that is a defect; a doubt about focus goes by the likelier kind."""

COMPANIONS = (".xmp", ".dop", ".pp3", ".arp", ".on1", ".aae", ".vrd", ".thm", ".wav")
"""What other programs and cameras keep beside a photo, as IMG.xmp or as IMG.NEF.xmp: it goes along."""


@dataclass(frozen=True, slots=True)
class Step:
    """One file and its new place."""

    source: Path
    target: Path


@dataclass(frozen=True, slots=True)
class Plan:
    """What sorting will do, all paths absolute; `left` are the unreadable frames' files, which stay."""

    into: Path
    how: How
    steps: tuple[Step, ...]
    left: tuple[Path, ...]


def plan_sort(results: Iterable[Result], into: Path, *, by: By, how: How) -> Plan:
    """Say where each file goes: into a sub-folder of `into`, and there into the shoot's own sub-folders.

    All files of a frame and their sidecars stay together. Nothing is touched; raises MarksError where a place
    is taken or wanted twice, where a file is gone, and where links are asked for across drives.
    """
    into = _absolute(into)
    shoot = list(results)
    judged = [result for result in shoot if isinstance(result, Judged)]
    left = [file for result in shoot if not isinstance(result, Judged) for file in result.frame.files]
    top = _common_folder([_absolute(result.frame.path).parent for result in judged])
    steps: dict[Step, None] = {}  # in order, each once: a pair shares its sidecar
    siblings = cache(_siblings)
    for result in judged:
        for file in map(_absolute, result.frame.files):
            folder = into / folder_of(result, by) / file.parent.relative_to(top)
            for source in (file, *_sidecars(file, siblings(file.parent))):
                if source != folder / source.name:
                    steps[Step(source, folder / source.name)] = None
    _check(into, tuple(steps), how)
    return Plan(into, how, tuple(steps), tuple(left))


def folder_of(result: Judged, by: By) -> str:
    """The name of the sub-folder that a frame belongs to."""
    if by == "verdict":
        return result.verdict.answer
    if by == "eyes":
        return result.verdict.eyes
    if by == "category":
        return max(result.evidence.category, key=result.evidence.category.__getitem__)
    return _defect(result)


def _defect(result: Judged) -> str:
    """The strongest defect past its limit; what rejects comes before what is doubtful."""
    defects = [(reason, _defect_folder(reason, result.evidence.focus)) for reason in result.verdict.reasons]
    found = [(reason, folder) for reason, folder in defects if folder is not None]
    return max(found, key=lambda each: _strength(each[0]))[1] if found else GOOD


def _defect_folder(reason: Reason, focus: Focus) -> str | None:
    if reason.code == "focus_doubtful":
        return "motion_blur" if focus.motion > focus.defocus else "defocus"
    return DEFECT_FOLDERS.get(reason.code)


def _strength(reason: Reason) -> tuple[bool, float]:
    """Whether a reason rejects, and how far (0-1) it is past its limit."""
    word = WORDS[reason.code]
    room = reason.limit if word.crossed == "below" else 1 - reason.limit
    return word.rejects, abs(reason.measured - reason.limit) / room if room else 1.0


def _absolute(path: Path) -> Path:
    return Path(os.path.abspath(path))  # noqa: PTH100 - resolve() would follow links


def _common_folder(folders: list[Path]) -> Path:
    """The deepest folder that holds all of the shoot."""
    try:
        return Path(os.path.commonpath(folders)) if folders else Path()
    except ValueError as error:
        message = f"{folders[0]} and {folders[-1]} lie on different drives; sort one drive at a time."
        raise MarksError(folders[-1], message) from error


def _siblings(folder: Path) -> dict[str, list[Path]]:
    """The files beside a photo, by their name as any file system would compare it."""
    found: dict[str, list[Path]] = {}
    try:
        for path in sorted(folder.iterdir()):
            if path.suffix.lower() in COMPANIONS:
                found.setdefault(_folded(path.name), []).append(path)
    except OSError as error:
        raise MarksError(folder, f"The folder {folder} cannot be read: {error.strerror}.") from error
    return found


def _sidecars(file: Path, siblings: Mapping[str, list[Path]]) -> Iterator[Path]:
    for suffix in COMPANIONS:
        for name in {file.stem + suffix: None, file.name + suffix: None}:
            yield from (path for path in siblings.get(_folded(name), ()) if path != file)


def _check(into: Path, steps: tuple[Step, ...], how: How) -> None:
    """Refuse a plan that would lose, overwrite or tear apart anything."""
    places: dict[str, Step] = {}
    moved: dict[Path, Step] = {}
    for step in steps:
        if twice := places.setdefault(_folded(str(step.target)), step) != step:
            raise _wanted_twice(step, places[_folded(str(step.target))])
        if how == "move" and (twice or moved.setdefault(step.source, step) != step):
            raise _torn(step, moved[step.source])
        _check_source(step, how)
        if os.path.lexists(step.target):
            message = f"{step.source} would overwrite {step.target}; move one of them away first."
            raise MarksError(step.target, message)
    for folder in {step.target.parent for step in steps}:
        _check_folder(folder)
    if how == "link" and steps:
        _check_drive(into, steps)


def _check_source(step: Step, how: How) -> None:
    if how == "move" and step.source.is_symlink():
        raise MarksError(step.source, f"{step.source} is a link and would break when moved; use --copy.")
    if not step.source.is_file():
        raise MarksError(step.source, f"{step.source} is no longer there; cull the folder again.")


def _check_folder(folder: Path) -> None:
    """Refuse a folder whose path is blocked by a file."""
    there = _nearest(folder)
    if not there.is_dir():
        raise MarksError(there, f"{there} is in the way of the folder {folder}; move it away first.")


def _check_drive(into: Path, steps: tuple[Step, ...]) -> None:
    drive = _nearest(into).stat().st_dev
    for step in steps:
        if step.source.stat().st_dev != drive:
            message = f"{step.source} cannot be linked into {into} on another drive; use --copy."
            raise MarksError(step.source, message)


def _nearest(path: Path) -> Path:
    """The path itself, or the nearest of its parents that exists."""
    return next(each for each in (path, *path.parents) if os.path.lexists(each))


def _wanted_twice(step: Step, other: Step) -> MarksError:
    message = f"{step.source} and {other.source} would both become {step.target}; rename one of them."
    return MarksError(step.source, message)


def _torn(step: Step, other: Step) -> MarksError:
    message = f"{step.source} belongs both to {other.target.parent} and to {step.target.parent}; use --copy."
    return MarksError(step.source, message)


def _folded(name: str) -> str:
    """A name as a file system sees it that ignores case and Unicode form."""
    return unicodedata.normalize("NFC", name).casefold()
