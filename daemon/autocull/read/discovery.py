"""Finds photos in files and folders, and pairs each RAW file with its JPEG as one frame."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from autocull.errors import PhotoError
from autocull.read.file_access import disk_error, file_identity, reachable
from autocull.read.file_type import HEAD_BYTES, PHOTO_SUFFIXES, RAW_SUFFIXES, has_photo_magic
from autocull.read.metadata import capture_time
from autocull.read.photo import Frame

COMPANION_SUFFIXES = frozenset({".jpg", ".jpeg", ".jpe", ".heic", ".heif", ".hif"})
"""Suffixes of the files that a camera writes next to the RAW file, under the same name."""

_IGNORED_SUFFIXES = frozenset({".thm", ".scr", ".tmp", ".part", ".crdownload", ".bak", ".lrprev", ".lrfprev"})
_IGNORED_FOLDERS = frozenset({
    "@eadir", "$recycle.bin", "#recycle", "system volume information", "__macosx", "thmbnl", "thm",
})  # fmt: skip
"""Folders of systems, network drives and cameras: trash, metadata, and previews of videos."""
_IGNORED_FOLDER_SUFFIXES = frozenset({
    ".lrdata", ".lrcat-data", ".lrlibrary", ".photoslibrary", ".aplibrary", ".migratedphotolibrary",
})  # fmt: skip
_APPLE_DOUBLE_MAGIC = b"\0\5\x16\7"
_PLACEHOLDER_SUFFIX = ".icloud"
_MAX_PAIR_SECONDS = 5.0
"""Seconds between the times of a RAW file and its JPEG: a camera writes the same one into both."""


@dataclass(frozen=True, slots=True)
class ScanResult:
    """The photos under the given paths.

    `frames` are in a stable order: by folder, then by name; `unreadable` holds an error for each given path,
    and each file with a photo's suffix, that cannot be read; `passed_over` are the files in folders that are
    no photos (sidecars, videos), and second names of photos. `placeholders` are the photos that iCloud has
    not downloaded, by the names of their placeholders (".IMG_1.HEIC.icloud").
    """

    frames: tuple[Frame, ...] = ()
    unreadable: tuple[PhotoError, ...] = ()
    passed_over: tuple[Path, ...] = ()
    placeholders: tuple[Path, ...] = ()


@dataclass(slots=True)
class _ScanState:
    """The results of a scan so far; `visited` holds the walked folders, as links may lead back to them.

    `sorted_copies` are the files that Autocull sorted by copying or linking, as their journals list them.
    """

    photos: dict[Path, None] = field(default_factory=dict)
    links: set[Path] = field(default_factory=set)
    unreadable: list[PhotoError] = field(default_factory=list)
    passed_over: list[Path] = field(default_factory=list)
    placeholders: list[Path] = field(default_factory=list)
    sorted_copies: set[str] = field(default_factory=set)
    inodes: dict[Path, int] = field(default_factory=dict)
    visited: set[tuple[int, int]] = field(default_factory=set)


def find_frames(paths: Iterable[Path], *, pairs: bool = True) -> ScanResult:
    """Find the photos among files and, recursively, in folders; a file given twice is returned once.

    A file given by name is always included. In folders, files with a photo's suffix (in any case) are
    included, and files with another suffix or none whose content starts like a photo. Links are followed, but
    no folder is walked twice, and a link to a photo that is included itself is passed over, a hard link too.
    So are the copies that Autocull made by sorting, while their journal is beside their folder. With `pairs`,
    a RAW file and the JPEG or HEIC of the same name and time in the same folder are one frame. No error is
    raised: what cannot be read is in `unreadable`.
    """
    state = _ScanState()
    for path in paths:
        _add_path(state, Path(path))
    photos = _drop_duplicates(state)
    frames = _pair(photos) if pairs else [Frame(path) for path in photos]
    return ScanResult(
        tuple(frames), tuple(state.unreadable), tuple(state.passed_over), tuple(state.placeholders)
    )


def _add_path(state: _ScanState, path: Path) -> None:
    """Add a path given by the photographer: a folder's content, or the file itself."""
    try:
        is_folder = stat.S_ISDIR(reachable(path).stat().st_mode)
    except (OSError, ValueError):  # reported when the path is added as a file
        is_folder = False
    if not is_folder or path.suffix.lower() in PHOTO_SUFFIXES:
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
        _note_sorted_copies(state, folder, sorted_entries)
        subfolders = [
            folder / entry.name for entry in sorted_entries if _add_entry(state, folder / entry.name, entry)
        ]
        pending += reversed(subfolders)


def _add_entry(state: _ScanState, path: Path, entry: os.DirEntry[str]) -> bool:
    """Add a folder's entry if it is a photo; return True if it is a folder to be walked.

    The entry holds its type already: no further disk access, which is slow on network drives.
    """
    is_folder, is_file = _type_of(entry)
    suffix = path.suffix.lower()
    if suffix == _PLACEHOLDER_SUFFIX and Path(path.stem).suffix.lower() in PHOTO_SUFFIXES:
        state.placeholders.append(path)
    elif is_file and (_is_sorted_copy(state, path) or _is_apple_double(path)):
        state.passed_over.append(path)
    elif suffix in PHOTO_SUFFIXES:
        if is_file:
            state.photos[path] = None
            state.inodes[path] = entry.inode()
        else:
            _add_file(state, path)  # a folder, a pipe or a broken link: reported as unreadable
    elif is_file and suffix not in _IGNORED_SUFFIXES and _has_photo_content(path):
        state.photos[path] = None
        state.inodes[path] = entry.inode()
    elif not is_folder:
        state.passed_over.append(path)
    if entry.is_symlink():
        state.links.add(path)
    return is_folder and not _is_system_folder(path)


def _type_of(entry: os.DirEntry[str]) -> tuple[bool, bool]:
    """Return whether an entry is a folder and a file; neither for links in a circle or to locked folders."""
    try:
        return entry.is_dir(), entry.is_file()
    except OSError:
        return False, False


def _note_sorted_copies(state: _ScanState, folder: Path, entries: Iterable[os.DirEntry[str]]) -> None:
    """Note the copies and links that the journals in a folder list; they are next to the sorted folders."""
    for entry in entries:
        if entry.name.endswith(".journal"):
            for line in _read_journal(folder / entry.name):
                if line.get("do") in ("copy", "link"):
                    state.sorted_copies.add(str(line.get("target")))


def _read_journal(path: Path) -> Iterator[dict[str, object]]:
    """Yield the lines of a journal of sorting; nothing for other files and for damaged lines."""
    try:
        lines = reachable(path).read_bytes().splitlines()
    except OSError:
        return
    for line in lines:
        with suppress(ValueError):
            content = json.loads(line)
            if isinstance(content, dict):
                yield content


def _is_sorted_copy(state: _ScanState, path: Path) -> bool:
    return bool(state.sorted_copies) and os.path.abspath(path) in state.sorted_copies  # noqa: PTH100 - no links


def _is_apple_double(path: Path) -> bool:
    """Return whether a file is one that macOS writes next to a photo on other drives ("._IMG_1.NEF")."""
    if not path.name.startswith("._"):
        return False
    try:
        with reachable(path).open("rb") as file:
            return file.read(len(_APPLE_DOUBLE_MAGIC)) == _APPLE_DOUBLE_MAGIC
    except OSError:
        return False


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
    for path in _drop_hard_links(state):
        by_absolute.setdefault(os.path.abspath(path), path)  # noqa: PTH100 - resolve() would follow the links
    if state.links.isdisjoint(by_absolute.values()):
        return list(by_absolute.values())
    targets = {os.path.realpath(path) for path in by_absolute.values() if path not in state.links}
    duplicates = {path for path in state.links if os.path.realpath(path) in targets}
    state.passed_over += [path for path in by_absolute.values() if path in duplicates]
    return [path for path in by_absolute.values() if path not in duplicates]


def _drop_hard_links(state: _ScanState) -> Iterator[Path]:
    """Yield the photos without further hard links to the same file.

    The number of the file is not unique on some network drives, so links and size must agree too.
    """
    first: dict[int, Path] = {}
    for path in state.photos:
        number = state.inodes.get(path)
        if not number or first.setdefault(number, path) == path or not _is_hard_link(path, first[number]):
            yield path
        else:
            state.passed_over.append(path)


def _is_hard_link(path: Path, other: Path) -> bool:
    try:
        status, other_status = reachable(path).stat(), reachable(other).stat()
    except OSError:
        return False
    same = os.path.samestat(status, other_status) and status.st_size == other_status.st_size
    return same and status.st_nlink > 1 and not path.is_symlink() and not other.is_symlink()


def _is_one_exposure(raw: Path, companion: Path) -> bool:
    """Return whether two files of one name may be of one exposure: not where their times differ."""
    raw_time, time = capture_time(raw), capture_time(companion)
    return raw_time is None or time is None or abs((raw_time - time).total_seconds()) <= _MAX_PAIR_SECONDS


def _pair(photos: list[Path]) -> Iterator[Frame]:
    """Yield the frames: a RAW file and its companions of the same stem are one, any other file is a frame.

    Two RAW files of one stem (a NEF and the DNG made from it) are two frames, and the JPEG is a third: its
    RAW file is ambiguous. Nor is a JPEG a companion that was taken at another time.
    """
    raws: dict[tuple[Path, str], list[Path]] = {}
    companions: dict[tuple[Path, str], list[Path]] = {}
    for path in photos:
        key = (path.parent, path.stem)
        if path.suffix.lower() in RAW_SUFFIXES:
            raws.setdefault(key, []).append(path)
        elif path.suffix.lower() in COMPANION_SUFFIXES:
            companions.setdefault(key, []).append(path)
    for key in companions.keys() & raws.keys():
        if len(raws[key]) == 1:
            companions[key] = [path for path in companions[key] if _is_one_exposure(raws[key][0], path)]
    for path in photos:
        key = (path.parent, path.stem)
        unpaired = len(raws.get(key, ())) != 1
        if unpaired or path not in (*raws[key], *companions.get(key, ())):
            yield Frame(path)
        elif path in raws[key]:
            yield Frame(path, tuple(companions.get(key, ())))
