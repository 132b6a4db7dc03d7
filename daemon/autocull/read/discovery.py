"""Finds photos in files and folders, and pairs each RAW file with its JPEG as one frame."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from autocull.errors import PhotoError
from autocull.read.file_access import disk_error, file_identity, reachable
from autocull.read.file_type import HEAD_BYTES, PICTURE_SUFFIXES, RAW_SUFFIXES, has_photo_magic
from autocull.read.photo import Frame

COMPANION_SUFFIXES = frozenset({".jpg", ".jpeg", ".jpe", ".heic", ".heif", ".hif"})
"""Suffixes of the files that a camera writes next to the RAW file, under the same name."""

_PHOTO_SUFFIXES = RAW_SUFFIXES | PICTURE_SUFFIXES
_IGNORED_SUFFIXES = frozenset({".thm", ".tmp", ".part", ".crdownload", ".bak", ".lrprev", ".lrfprev"})
_IGNORED_FOLDERS = frozenset({"@eadir", "$recycle.bin", "system volume information"})
_IGNORED_FOLDER_SUFFIXES = frozenset({".lrdata", ".lrcat-data"})


@dataclass(frozen=True, slots=True)
class ScanResult:
    """The photos under the given paths.

    `frames` are in a stable order: by folder, then by name; `unreadable` holds an error for each given path,
    and each file with a photo's suffix, that cannot be read; `passed_over` are the files in folders that are
    no photos (sidecars, videos).
    """

    frames: tuple[Frame, ...] = ()
    unreadable: tuple[PhotoError, ...] = ()
    passed_over: tuple[Path, ...] = ()


@dataclass(slots=True)
class _ScanState:
    """The results of a scan so far; `visited` holds the walked folders, as links may lead back to them."""

    photos: dict[Path, None] = field(default_factory=dict)
    links: set[Path] = field(default_factory=set)
    unreadable: list[PhotoError] = field(default_factory=list)
    passed_over: list[Path] = field(default_factory=list)
    visited: set[tuple[int, int]] = field(default_factory=set)


def find_frames(paths: Iterable[Path], *, pairs: bool = True) -> ScanResult:
    """Find the photos among files and, recursively, in folders; a file given twice is returned once.

    A file given by name is always included. In folders, files with a photo's suffix (in any case) are
    included, and files with another suffix or none whose content starts like a photo. Links are followed, but
    no folder is walked twice, and a link to a photo that is included itself is passed over. With `pairs`, a
    RAW file and the JPEG or HEIC of the same name in the same folder are one frame. No error is raised: what
    cannot be read is in `unreadable`.
    """
    state = _ScanState()
    for path in paths:
        _add_path(state, Path(path))
    photos = _drop_duplicates(state)
    frames = _pair(photos) if pairs else [Frame(path) for path in photos]
    return ScanResult(tuple(frames), tuple(state.unreadable), tuple(state.passed_over))


def _add_path(state: _ScanState, path: Path) -> None:
    """Add a path given by the photographer: a folder's content, or the file itself."""
    try:
        is_folder = stat.S_ISDIR(reachable(path).stat().st_mode)
    except (OSError, ValueError):  # reported when the path is added as a file
        is_folder = False
    if not is_folder or path.suffix.lower() in _PHOTO_SUFFIXES:
        _add_file(state, path)
    if path.is_symlink():
        state.links.add(path)
    if is_folder:
        _walk(state, path)


def _walk(state: _ScanState, top: Path) -> None:
    """Add the photos of a folder (by name), then those of its subfolders."""
    pending = [top]
    while pending:
        folder = pending.pop()
        try:
            status = reachable(folder).stat()
            if (status.st_dev, status.st_ino) in state.visited:
                continue
            state.visited.add((status.st_dev, status.st_ino))
            with os.scandir(reachable(folder)) as entries:
                sorted_entries = sorted(entries, key=lambda entry: entry.name)
        except OSError as problem:
            state.unreadable.append(disk_error(folder, problem))
            continue
        subfolders = [
            folder / entry.name for entry in sorted_entries if _add_entry(state, folder / entry.name, entry)
        ]
        pending += reversed(subfolders)


def _add_entry(state: _ScanState, path: Path, entry: os.DirEntry[str]) -> bool:
    """Add a folder's entry if it is a photo; return True if it is a folder to be walked.

    The entry holds its type already: no further disk access, which is slow on network drives.
    """
    is_folder, is_file = entry.is_dir(), entry.is_file()
    suffix = path.suffix.lower()
    if suffix in _PHOTO_SUFFIXES:
        if is_file:
            state.photos[path] = None
        else:
            _add_file(state, path)  # a folder, a pipe or a broken link: reported as unreadable
    elif is_file and suffix not in _IGNORED_SUFFIXES and _has_photo_content(path):
        state.photos[path] = None
    elif not is_folder:
        state.passed_over.append(path)
    if entry.is_symlink():
        state.links.add(path)
    return is_folder and not _is_system_folder(path)


def _add_file(state: _ScanState, path: Path) -> None:
    """Add a file as a photo, or its error if it is not a regular file."""
    try:
        file_identity(path)
    except PhotoError as problem:
        state.unreadable.append(problem)
    else:
        state.photos[path] = None


def _is_system_folder(folder: Path) -> bool:
    """Return whether a folder belongs to the system or a program: trash, thumbnails, Lightroom's previews."""
    name = folder.name.lower()
    hidden = name.startswith(".") or name in _IGNORED_FOLDERS
    return hidden or folder.suffix.lower() in _IGNORED_FOLDER_SUFFIXES


def _has_photo_content(path: Path) -> bool:
    """Return whether a file without a photo's suffix has a photo's first bytes."""
    if path.name.lower().endswith("_original"):  # ExifTool's backup of a photo in the same folder
        return False
    try:
        with reachable(path).open("rb") as file:
            return has_photo_magic(file.read(HEAD_BYTES))
    except OSError:
        return False


def _drop_duplicates(state: _ScanState) -> list[Path]:
    """Return the photos without other spellings of the same path, and without links to other photos."""
    by_absolute: dict[str, Path] = {}
    for path in state.photos:
        by_absolute.setdefault(os.path.abspath(path), path)  # noqa: PTH100 - resolve() would follow the links
    if state.links.isdisjoint(by_absolute.values()):
        return list(by_absolute.values())
    targets = {os.path.realpath(path) for path in by_absolute.values() if path not in state.links}
    duplicates = {path for path in state.links if os.path.realpath(path) in targets}
    state.passed_over += [path for path in by_absolute.values() if path in duplicates]
    return [path for path in by_absolute.values() if path not in duplicates]


def _pair(photos: list[Path]) -> Iterator[Frame]:
    """Yield the frames: a RAW file and its companions of the same stem are one, any other file is a frame.

    Two RAW files of one stem (a NEF and the DNG made from it) are two frames, and the JPEG is a third: its
    RAW file is ambiguous.
    """
    raws: dict[tuple[Path, str], list[Path]] = {}
    companions: dict[tuple[Path, str], list[Path]] = {}
    for path in photos:
        key = (path.parent, path.stem)
        if path.suffix.lower() in RAW_SUFFIXES:
            raws.setdefault(key, []).append(path)
        elif path.suffix.lower() in COMPANION_SUFFIXES:
            companions.setdefault(key, []).append(path)
    for path in photos:
        key = (path.parent, path.stem)
        unpaired = len(raws.get(key, ())) != 1
        if unpaired or path not in (*raws[key], *companions.get(key, ())):
            yield Frame(path)
        elif path in raws[key]:
            yield Frame(path, tuple(companions.get(key, ())))
