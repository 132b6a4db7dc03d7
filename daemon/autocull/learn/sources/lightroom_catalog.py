"""Decisions from a Lightroom catalog, read from a temporary copy of it.

SQLite would create files next to a catalog that it opens in place. So the catalog and its write-ahead log,
with what Lightroom has not yet written into the catalog, are copied into a private folder and removed after.
"""

from __future__ import annotations

import json
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Container, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from autocull.errors import ManifestError
from autocull.judge import Marks
from autocull.learn.decision_rules import MarkedPhoto, infer_decisions
from autocull.learn.decisions import DecisionSet
from autocull.output import LABEL_NAMES, UNSET, PhotoMarks
from autocull.paths import PLUGIN_ID

_ATTEMPTS = 3
_PHOTOS_QUERY = """
SELECT root.id_local, folder.pathFromRoot, file.baseName, file.extension,
       image.id_local, image.pick, image.rating, image.masterImage IS NOT NULL, image.fileFormat, {shoot}
FROM Adobe_images AS image
JOIN AgLibraryFile AS file ON file.id_local = image.rootFile
JOIN AgLibraryFolder AS folder ON folder.id_local = file.folder
JOIN AgLibraryRootFolder AS root ON root.id_local = folder.rootFolder
"""
_IMPORT_COLUMN = (
    "(SELECT MIN(import) FROM AgLibraryImportImage AS imported WHERE imported.image = image.id_local)"
)
_WRITTEN_QUERY = """
SELECT property.photo, property.internalValue FROM {table} AS property
JOIN AgPhotoPropertySpec AS spec ON spec.id_local = property.propertySpec
WHERE spec.sourcePlugin = ? AND spec.key = 'written'
"""


def read_catalog(file: Path, on_warning: Callable[[str], None]) -> DecisionSet:
    """Read picks, rejects and passed-over photos, without the marks that Autocull's plug-in wrote.

    Calls `on_warning` if Lightroom has the catalog open. Raises ManifestError if it cannot be read.
    """
    if file.with_name(file.name + ".lock").exists():
        on_warning(
            f"Lightroom has {file.name} open, or had when it crashed: changes not saved yet are missing."
        )
    with _private_copy(file) as copy:
        try:
            with closing(sqlite3.connect(copy)) as catalog:
                return _read_decisions(catalog, file.parent, on_warning)
        except sqlite3.Error as error:
            raise _unreadable_error(file, f"it is not a Lightroom catalog, or damaged ({error})") from error


def _read_decisions(
    catalog: sqlite3.Connection, folder: Path, on_warning: Callable[[str], None]
) -> DecisionSet:
    if catalog.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
        raise sqlite3.DatabaseError("its check failed")
    roots = _read_roots(catalog, folder, on_warning)
    written_marks = _read_written_marks(catalog)
    shoot = _IMPORT_COLUMN if _has_table(catalog, "AgLibraryImportImage") else "NULL"
    videos, photos = 0, []
    for row in catalog.execute(_PHOTOS_QUERY.format(shoot=shoot)):
        if row[8] == "VIDEO":
            videos += 1
        else:
            photos.append(_photo_from_row(row, roots[row[0]], written_marks.get(row[4])))
    decision_set = infer_decisions("catalog", photos)
    if videos:
        decision_set.left_out["videos"] = videos
    return decision_set


def _read_roots(
    catalog: sqlite3.Connection, folder: Path, on_warning: Callable[[str], None]
) -> dict[int, str]:
    """Return the root folders of the photos by their number, each with a slash at its end.

    A catalog that was moved with its photos finds them relative to its own `folder`, as Lightroom does.
    Calls `on_warning` for folders that are nowhere.
    """
    relative_column = "relativePathFromCatalog"
    columns = {column[1] for column in catalog.execute("PRAGMA table_info(AgLibraryRootFolder)")}
    column = relative_column if relative_column in columns else "NULL"
    roots: dict[int, str] = {}
    for number, absolute, relative in catalog.execute(
        f"SELECT id_local, absolutePath, {column} FROM AgLibraryRootFolder"  # noqa: S608 - a fixed name
    ):
        roots[number] = absolute
        if not Path(absolute).is_dir():
            moved = folder / relative if relative else None
            if moved is not None and moved.is_dir():
                roots[number] = f"{moved}/"
            else:
                on_warning(
                    f"The catalog's folder {absolute} is not there. Connect its drive, or move it back."
                )
    return roots


def _photo_from_row(row: tuple[Any, ...], root: str, written: Marks | None) -> MarkedPhoto:
    """Build a photo from a row and the plug-in's marks; labels decide nothing and are not read."""
    _, folder, name, extension, _, pick, rating, virtual_copy, _, imported = row
    path = Path(f"{root}{folder or ''}{name}{'.' + extension if extension else ''}")
    marks = Marks(int(rating or 0), written.label if written else "none", int(pick or 0))
    return MarkedPhoto(
        path=path,
        group=path.parent if imported is None else imported,
        marks=PhotoMarks.compare(marks, written),
        virtual_copy=bool(virtual_copy),
    )


def _read_written_marks(catalog: sqlite3.Connection) -> dict[int, Marks]:
    """Return the marks that the plug-in wrote, by photo, from its own field."""
    marks_by_photo: dict[int, Marks] = {}
    if not _has_table(catalog, "AgPhotoPropertySpec"):
        return marks_by_photo
    for table in ("AgPhotoProperty", "AgSearchablePhotoProperty"):
        if _has_table(catalog, table):
            for photo, text in catalog.execute(_WRITTEN_QUERY.format(table=table), (PLUGIN_ID,)):
                written = parse_written(text)
                if written is not None:
                    marks_by_photo[photo] = written
    return marks_by_photo


def parse_written(text: object) -> Marks | None:
    """Return the marks in a text of the plug-in's field `written`; None where there are none.

    Where it is not valid JSON, and for values that no auto-cull writes, the marks are the photographer's.
    """
    try:
        record = json.loads(text, parse_constant=_reject_constant) if isinstance(text, str) else None
    except (ValueError, RecursionError):
        return None
    if not isinstance(record, dict):
        return None
    rating, label, flag = (record.get(mark) for mark in ("rating", "label", "flag"))
    marks = Marks(
        rating=_number_in(range(1, 6), rating),
        label=next((colour for colour in LABEL_NAMES if colour == label), "none"),
        flag=_number_in((-1, 1), flag),
    )
    return None if marks == UNSET else marks


def _number_in(values: Container[int], value: object) -> int:
    """Return a number that is one of the values, 0 for everything else."""
    if isinstance(value, int | float) and not isinstance(value, bool) and value in values:
        return int(value)
    return 0


def _reject_constant(name: str) -> None:
    raise ValueError(f"JSON has no {name}")


def _has_table(catalog: sqlite3.Connection, table: str) -> bool:
    row = catalog.execute(
        "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?", (table,)
    ).fetchone()
    return row is not None


@contextmanager
def _private_copy(file: Path) -> Iterator[Path]:
    """Yield a temporary copy of the catalog and its log, copied while neither changed."""
    with tempfile.TemporaryDirectory(prefix="autocull-catalog-") as folder:
        try:
            for attempt in range(_ATTEMPTS):
                state, copy = _file_state(file), Path(folder) / f"copy-{attempt}.lrcat"
                shutil.copyfile(file, copy)
                if state[1] is not None:
                    shutil.copyfile(_log_path(file), _log_path(copy))
                if _file_state(file) == state:
                    break
            else:
                raise _unreadable_error(file, "it keeps changing; quit Lightroom")
        except OSError as error:
            raise _unreadable_error(file, str(error.strerror)) from error
        yield copy


def _file_state(file: Path) -> tuple[tuple[int, int], tuple[int, int] | None]:
    file_stat = file.stat()
    file_version = (file_stat.st_size, file_stat.st_mtime_ns)
    try:
        log_stat = _log_path(file).stat()
    except FileNotFoundError:
        return file_version, None
    return file_version, (log_stat.st_size, log_stat.st_mtime_ns)


def _log_path(file: Path) -> Path:
    return file.with_name(file.name + "-wal")


def _unreadable_error(file: Path, reason: str) -> ManifestError:
    return ManifestError(f"The catalog {file} cannot be read: {reason}.")
