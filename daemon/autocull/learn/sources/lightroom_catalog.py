"""Decisions from a Lightroom catalog: a copy of it is read, never the catalog itself.

Opened in place, SQLite would leave files beside the catalog, and would not see what Lightroom has not yet
written into it. So the catalog and its write-ahead log are copied into a private folder, which is removed.
"""

from __future__ import annotations

import json
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from autocull.errors import ManifestError
from autocull.learn.decision_rules import Marked, decisions_among
from autocull.learn.decisions import Gathered

PLUGIN = "app.autocull.lightroom"
_ATTEMPTS = 3
_PHOTOS = """
SELECT root.absolutePath, folder.pathFromRoot, file.baseName, file.extension,
       image.id_local, image.pick, image.rating, image.masterImage IS NOT NULL, image.fileFormat, {shoot}
FROM Adobe_images AS image
JOIN AgLibraryFile AS file ON file.id_local = image.rootFile
JOIN AgLibraryFolder AS folder ON folder.id_local = file.folder
JOIN AgLibraryRootFolder AS root ON root.id_local = folder.rootFolder
"""
_IMPORTED = "(SELECT MIN(import) FROM AgLibraryImportImage AS imported WHERE imported.image = image.id_local)"
_WRITTEN = """
SELECT property.photo, property.internalValue FROM {table} AS property
JOIN AgPhotoPropertySpec AS spec ON spec.id_local = property.propertySpec
WHERE spec.sourcePlugin = ? AND spec.key = 'written'
"""


def read_catalog(file: Path, warn: Callable[[str], None]) -> Gathered:
    """Read what she picked, rejected and passed over, without the marks that Autocull's plug-in wrote.

    `warn` hears that Lightroom has the catalog open. Raises ManifestError where it cannot be read.
    """
    if file.with_name(file.name + ".lock").exists():
        warn(f"Lightroom has {file.name} open, or had when it crashed: what it holds back is not seen.")
    with _copied(file) as copy:
        try:
            with closing(sqlite3.connect(copy)) as catalog:
                return _gathered(catalog)
        except sqlite3.Error as error:
            raise _unreadable(file, f"it is no Lightroom catalog, or damaged ({error})") from error


def _gathered(catalog: sqlite3.Connection) -> Gathered:
    if catalog.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
        raise sqlite3.DatabaseError("its check failed")
    ours = _ours(catalog)
    shoot = _IMPORTED if _has(catalog, "AgLibraryImportImage") else "NULL"
    videos, photos = 0, []
    for row in catalog.execute(_PHOTOS.format(shoot=shoot)):
        if row[8] == "VIDEO":
            videos += 1
        else:
            photos.append(_marked(row, ours.get(row[4], {})))
    gathered = decisions_among("catalog", photos)
    if videos:
        gathered.left_out["videos"] = videos
    return gathered


def _marked(row: tuple[Any, ...], ours: dict[str, Any]) -> Marked:
    """Make a photo of a row; `ours` are the marks that the plug-in wrote: hers is what differs."""
    root, below, name, extension, _, pick, rating, copy, _, imported = row
    path = Path(f"{root}{below or ''}{name}{'.' + extension if extension else ''}")
    flag, stars = int(pick or 0), int(rating or 0)
    return Marked(
        path=path,
        group=path.parent if imported is None else imported,
        flag=flag if flag and flag != ours.get("flag") else None,
        starred=bool(stars) and stars != ours.get("rating"),
        ours=bool(ours),
        copy=bool(copy),
    )


def _ours(catalog: sqlite3.Connection) -> dict[int, dict[str, Any]]:
    """The marks that the plug-in wrote, by photo, as it notes them in its own field."""
    found: dict[int, dict[str, Any]] = {}
    if not _has(catalog, "AgPhotoPropertySpec"):
        return found
    for table in ("AgPhotoProperty", "AgSearchablePhotoProperty"):
        if _has(catalog, table):
            for photo, text in catalog.execute(_WRITTEN.format(table=table), (PLUGIN,)):
                try:
                    noted = json.loads(text or "null")
                except ValueError:
                    noted = None
                found[photo] = noted if isinstance(noted, dict) else {"unknown": text}
    return found


def _has(catalog: sqlite3.Connection, table: str) -> bool:
    row = catalog.execute(
        "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?", (table,)
    ).fetchone()
    return row is not None


@contextmanager
def _copied(file: Path) -> Iterator[Path]:
    """Offer a private copy of the catalog with its log, taken while neither changed; it is removed after."""
    with tempfile.TemporaryDirectory(prefix="autocull-catalog-") as folder:
        try:
            for attempt in range(_ATTEMPTS):
                before, copy = _state(file), Path(folder) / f"copy-{attempt}.lrcat"
                shutil.copyfile(file, copy)
                if before[1] is not None:
                    shutil.copyfile(_log_of(file), _log_of(copy))
                if _state(file) == before:
                    break
            else:
                raise _unreadable(file, "it keeps changing; quit Lightroom")
        except OSError as error:
            raise _unreadable(file, str(error.strerror)) from error
        yield copy


def _state(file: Path) -> tuple[tuple[int, int], tuple[int, int] | None]:
    facts = file.stat()
    own = (facts.st_size, facts.st_mtime_ns)
    try:
        log = _log_of(file).stat()
    except FileNotFoundError:
        return own, None
    return own, (log.st_size, log.st_mtime_ns)


def _log_of(file: Path) -> Path:
    return file.with_name(file.name + "-wal")


def _unreadable(file: Path, why: str) -> ManifestError:
    return ManifestError(f"The catalog {file} cannot be read: {why}.")
