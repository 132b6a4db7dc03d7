"""The store: what was measured, kept between runs, so that an unchanged photo is never read again."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING

from autocull.errors import PhotoError
from autocull.measure.evidence import Evidence
from autocull.read import Frame, file_identity
from autocull.sqlite import DatabaseFile, DatabaseSchema, transaction

if TYPE_CHECKING:
    from pydantic import TypeAdapter

VERSION = 1
TRANSIENT_CODES = frozenset({"missing", "changing", "timeout", "crashed", "out_of_memory", "no_permission"})
"""Codes of errors that may be gone at the next run: they are not kept."""

_BATCH = 500
_SCHEMA = DatabaseSchema(
    "evidence store",
    application=0x4155434C,  # "AUCL"
    version=VERSION,
    temporary_warning="Results are not kept for the next run",
    tables=(
        """CREATE TABLE photos
           (path BLOB PRIMARY KEY, identity BLOB NOT NULL, evidence TEXT, code TEXT, message TEXT)""",
        "CREATE TABLE thumbnails (path BLOB PRIMARY KEY, jpeg BLOB NOT NULL)",
    ),
)


@dataclass(frozen=True, slots=True)
class Measurement:
    """What one frame gave: evidence, or the error that says why there is none; and a small JPEG of it."""

    outcome: Evidence | PhotoError
    thumbnail: bytes | None = None


def identify(frame: Frame, versions: Mapping[str, str]) -> bytes | None:
    """Digest what decides a measurement: path, size and time of each of the frame's files, and the members.

    Two equal digests mean that nothing needs to be read again. None where a file cannot be looked at.
    """
    digest = blake2b(repr(sorted(versions.items())).encode(), digest_size=16)
    for path in frame.files:
        try:
            size, modified = file_identity(path)
        except PhotoError:
            return None
        digest.update(b"%b\0%d\0%d\0" % (_path_key(path), size, modified))
    return digest.digest()


def _path_key(path: Path) -> bytes:
    """Name a photo in the store: its absolute path, byte for byte, whatever its encoding."""
    return os.fsencode(path if path.is_absolute() else path.absolute())


@cache
def _evidence_adapter() -> TypeAdapter[Evidence]:
    """Make the reader and writer of stored evidence; late, since pydantic costs 0.2 s at the start."""
    from pydantic import TypeAdapter

    return TypeAdapter(Evidence)


class EvidenceStore:
    """One SQLite file (WAL) with the newest measurement of every photo, and a thumbnail of it.

    `warn` receives a sentence where the store is rebuilt, or goes on without keeping. A store that is corrupt
    or was written by a newer Autocull is renamed, not deleted. With `file` None, or where the file cannot be
    written, results live in a temporary file that ends with the Store. Raises StoreError for a file that is
    not a store. For use by one thread.
    """

    def __init__(self, file: Path | None, on_warning: Callable[[str], None]) -> None:
        self._on_warning = on_warning
        self._is_persistent = True
        self._file = DatabaseFile(file, _SCHEMA, on_warning)

    def close(self) -> None:
        """Close the file; what was kept stays."""
        self._file.close()

    def find_unchanged(self, identities: Mapping[Path, bytes]) -> set[Path]:
        """Return which of the photos in `identities` (path to identity) were measured as they are now."""
        return {path for path, *_ in self._find_matching(identities)}

    def get(self, identities: Mapping[Path, bytes]) -> dict[Path, Evidence | PhotoError]:
        """Return what is known of the photos in `identities` (path to identity), as it was measured.

        Photos that were never measured, or have changed since, are absent. No pixel is touched.
        """
        outcomes: dict[Path, Evidence | PhotoError] = {}
        for path, *columns in self._find_matching(identities):
            outcomes |= self._restore(path, *columns)
        return outcomes

    def _find_matching(
        self, identities: Mapping[Path, bytes]
    ) -> Iterator[tuple[Path, str | None, str | None, str | None]]:
        """Yield path, evidence, code and message of each photo that has the identity it had."""
        keys = {_path_key(path): path for path in identities}
        names = list(keys)
        for start in range(0, len(names), _BATCH):
            for key, identity, evidence, code, message in self._select(names[start : start + _BATCH]):
                if identity == identities[keys[key]]:
                    yield keys[key], evidence, code, message

    def put(self, path: Path, identity: bytes, measurement: Measurement) -> bool:
        """Keep a measurement in place of the photo's earlier one; False where it was not kept.

        That is so where its error may pass by itself, and after the store could not be written.
        """
        outcome = measurement.outcome
        if not self._is_persistent or (isinstance(outcome, PhotoError) and outcome.code in TRANSIENT_CODES):
            return False
        try:
            with transaction(self._file.connection):
                self._replace(_path_key(path), identity, outcome, measurement.thumbnail)
        except sqlite3.Error as error:
            self._is_persistent = False
            self._on_warning(f"From here on results are not kept for the next run: {error}.")
        return self._is_persistent

    def _replace(
        self, key: bytes, identity: bytes, outcome: Evidence | PhotoError, thumbnail: bytes | None
    ) -> None:
        row = (
            (None, outcome.code, outcome.message)
            if isinstance(outcome, PhotoError)
            else (_evidence_adapter().dump_json(outcome).decode(), None, None)
        )
        execute = self._file.connection.execute
        execute("INSERT OR REPLACE INTO photos VALUES (?, ?, ?, ?, ?)", (key, identity, *row))
        execute("DELETE FROM thumbnails WHERE path = ?", (key,))
        if thumbnail is not None:
            execute("INSERT INTO thumbnails VALUES (?, ?)", (key, thumbnail))

    def thumbnail(self, path: Path) -> bytes | None:
        """Return the small JPEG that was kept with the photo's measurement, or None."""
        try:
            row = self._file.connection.execute(
                "SELECT jpeg FROM thumbnails WHERE path = ?", (_path_key(path),)
            ).fetchone()
        except sqlite3.Error:
            return None
        return row[0] if row else None

    def _select(self, keys: list[bytes]) -> list[tuple[bytes, bytes, str | None, str | None, str | None]]:
        placeholders = ",".join("?" * len(keys))
        try:
            return self._file.connection.execute(
                f"SELECT path, identity, evidence, code, message FROM photos WHERE path IN ({placeholders})",  # noqa: S608 - only question marks are put in
                keys,
            ).fetchall()
        except sqlite3.OperationalError as error:
            self._file.use_temporary(str(error))
        except sqlite3.DatabaseError:
            self._file.replace("is damaged")
        return []

    def _restore(
        self, path: Path, evidence: str | None, code: str | None, message: str | None
    ) -> dict[Path, Evidence | PhotoError]:
        if evidence is None:
            return {path: PhotoError(path, str(message), code=str(code))}
        try:
            return {path: _evidence_adapter().validate_json(evidence)}
        except ValueError:  # written by an Autocull whose evidence had other fields: measured again
            return {}
