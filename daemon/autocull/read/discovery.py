"""Finding photos: files and folders as the photographer names them, RAW+JPEG pairs as one frame."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from autocull.errors import PhotoError
from autocull.read.file_access import disk_error, file_identity, reachable
from autocull.read.file_type import PICTURE_SUFFIXES, RAW_SUFFIXES, looks_like_photo
from autocull.read.photo import Frame

COMPANION_SUFFIXES = frozenset({".jpg", ".jpeg", ".jpe", ".heic", ".heif", ".hif"})
"""What a camera writes beside the RAW file of the same name."""

_PHOTO_SUFFIXES = RAW_SUFFIXES | PICTURE_SUFFIXES
_NEVER_SUFFIXES = frozenset({".thm", ".tmp", ".part", ".crdownload", ".bak", ".lrprev", ".lrfprev"})
_NEVER_FOLDERS = frozenset({"@eadir", "$recycle.bin", "system volume information"})
_NEVER_FOLDER_SUFFIXES = frozenset({".lrdata", ".lrcat-data"})


@dataclass(frozen=True, slots=True)
class Found:
    """What lies under the given paths.

    `frames` in a stable order: by folder, then by name; `unreadable` names what was given, or is called a
    photo, and cannot be read; `passed_over` are the files in folders that are no photos (sidecars, videos).
    """

    frames: tuple[Frame, ...] = ()
    unreadable: tuple[PhotoError, ...] = ()
    passed_over: tuple[Path, ...] = ()


@dataclass(slots=True)
class _Search:
    """What has been found so far, and the folders that were walked already (links may lead back to them)."""

    photos: dict[Path, None] = field(default_factory=dict)
    links: set[Path] = field(default_factory=set)
    unreadable: list[PhotoError] = field(default_factory=list)
    passed_over: list[Path] = field(default_factory=list)
    walked: set[tuple[int, int]] = field(default_factory=set)


def find_frames(paths: Iterable[Path], *, pairs: bool = True) -> Found:
    """Find the photos among files and, recursively, in folders; the same file given twice is found once.

    A file that is named is always tried. In folders, files with a photo's suffix (in any case) are taken, and
    files with another suffix or none whose content starts like a photo. Links are followed, but never twice
    into the same folder, and a link to a photo that is found anyway is passed over. With `pairs`, a RAW file
    and the JPEG or HEIC of the same name in the same folder are one frame. No error is raised: what cannot be
    read is in `unreadable`.
    """
    search = _Search()
    for path in paths:
        _take(search, Path(path))
    photos = _without_second_names(search)
    frames = _pair(photos) if pairs else [Frame(path) for path in photos]
    return Found(tuple(frames), tuple(search.unreadable), tuple(search.passed_over))


def _take(search: _Search, path: Path) -> None:
    """Add a path that the photographer gave: a folder's content, or the file itself."""
    try:
        folder = stat.S_ISDIR(reachable(path).stat().st_mode)
    except (OSError, ValueError):  # what is wrong is said when it is looked at as a file
        folder = False
    if not folder or path.suffix.lower() in _PHOTO_SUFFIXES:
        _add(search, path)
    if path.is_symlink():
        search.links.add(path)
    if folder:
        _walk(search, path)


def _walk(search: _Search, top: Path) -> None:
    """Add the photos of a folder and of the folders below it: its files first, by name."""
    waiting = [top]
    while waiting:
        folder = waiting.pop()
        try:
            place = reachable(folder).stat()
            if (place.st_dev, place.st_ino) in search.walked:
                continue
            search.walked.add((place.st_dev, place.st_ino))
            with os.scandir(reachable(folder)) as entries:
                ordered = sorted(entries, key=lambda entry: entry.name)
        except OSError as problem:
            search.unreadable.append(disk_error(folder, problem))
            continue
        below = [folder / entry.name for entry in ordered if _look_at(search, folder / entry.name, entry)]
        waiting += reversed(below)


def _look_at(search: _Search, path: Path, entry: os.DirEntry[str]) -> bool:
    """Add a folder's entry if it is a photo; return True if it is a folder to be walked.

    The entry knows most of this without asking the disk again, which a network drive would feel.
    """
    folder, ordinary = entry.is_dir(), entry.is_file()
    suffix = path.suffix.lower()
    if suffix in _PHOTO_SUFFIXES:
        if ordinary:
            search.photos[path] = None
        else:
            _add(search, path)  # a folder, a pipe, a link to nothing: named
    elif ordinary and suffix not in _NEVER_SUFFIXES and _starts_like_photo(path):
        search.photos[path] = None
    elif not folder:
        search.passed_over.append(path)
    if entry.is_symlink():
        search.links.add(path)
    return folder and not _is_systems_own(path)


def _add(search: _Search, path: Path) -> None:
    """Add a file as a photo, or its error where it is no ordinary file."""
    try:
        file_identity(path)
    except PhotoError as problem:
        search.unreadable.append(problem)
    else:
        search.photos[path] = None


def _is_systems_own(folder: Path) -> bool:
    """Tell whether a folder belongs to the system or a program: trash, thumbnails, Lightroom's previews."""
    name = folder.name.lower()
    hidden = name.startswith(".") or name in _NEVER_FOLDERS
    return hidden or folder.suffix.lower() in _NEVER_FOLDER_SUFFIXES


def _starts_like_photo(path: Path) -> bool:
    """Tell whether a file without a photo's suffix has a photo's first bytes."""
    if path.name.lower().endswith("_original"):  # ExifTool's backup of a photo that lies beside it
        return False
    try:
        with reachable(path).open("rb") as file:
            return looks_like_photo(file.read(64))
    except OSError:
        return False


def _without_second_names(search: _Search) -> list[Path]:
    """Return the photos without those given by two spellings, and without links to others of them."""
    spelled: dict[str, Path] = {}
    for path in search.photos:
        spelled.setdefault(os.path.abspath(path), path)  # noqa: PTH100 - resolve() would follow the links
    if search.links.isdisjoint(spelled.values()):
        return list(spelled.values())
    targets = {os.path.realpath(path) for path in spelled.values() if path not in search.links}
    seconds = {path for path in search.links if os.path.realpath(path) in targets}
    search.passed_over += [path for path in spelled.values() if path in seconds]
    return [path for path in spelled.values() if path not in seconds]


def _pair(photos: list[Path]) -> Iterator[Frame]:
    """Yield the frames: one RAW file and its companions of the same stem are one, everything else is alone.

    Two RAW files of one stem (a NEF and the DNG made from it) are two frames, and the JPEG is a third: whose
    companion it is cannot be known.
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
        alone = len(raws.get(key, ())) != 1
        if alone or path not in (*raws[key], *companions.get(key, ())):
            yield Frame(path)
        elif path in raws[key]:
            yield Frame(path, tuple(companions.get(key, ())))
