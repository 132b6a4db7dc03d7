"""The store of evidence: measurements kept between runs, so that an unchanged photo is not read again."""

from __future__ import annotations

import os
import sqlite3
import time
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache, partial
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, Any

from autocull.errors import PhotoError
from autocull.measure import Evidence
from autocull.read import Frame, file_identity
from autocull.sqlite import DatabaseFile, DatabaseSchema, transaction

if TYPE_CHECKING:
    from pydantic import TypeAdapter

VERSION = 1
TRANSIENT_CODES = frozenset({"missing", "changing", "timeout", "crashed", "out_of_memory", "no_permission"})
"""Codes of errors that may not occur in the next run: they are not stored."""

_BATCH = 500
_PHOTOS = "SELECT path, identity, evidence, code, message FROM photos WHERE path IN ({})"
_RENEW = "UPDATE photos SET identity = ? WHERE path = ?"
_FINGERPRINTS = "SELECT path, fingerprint FROM fingerprints WHERE path IN ({})"
_SERIES = "SELECT content FROM series WHERE key IN ({})"
_KEPT_SHOOTS = 100
"""Shoots whose series are kept, the last ones that were stored."""

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
    additions=(
        "CREATE TABLE IF NOT EXISTS fingerprints (path BLOB PRIMARY KEY, fingerprint BLOB NOT NULL)",
        "CREATE TABLE IF NOT EXISTS series (key BLOB PRIMARY KEY, content TEXT NOT NULL)",
    ),
)


RETRY_DELAY = 60.0
"""Seconds after which a file that could not be written is tried again: a lock costs 10 s at each try."""


@dataclass(frozen=True, slots=True)
class _UnsavedRow:
    """A measurement that could not be written; `packed` is its evidence as compressed JSON."""

    identity: bytes
    packed: bytes | None
    code: str | None
    message: str | None
    fingerprint: bytes | None

    @classmethod
    def pack(cls, identity: bytes, row: Sequence[str | None], fingerprint: bytes | None) -> _UnsavedRow:
        """Pack the columns evidence, code and message."""
        evidence, code, message = row
        packed = None if evidence is None else zlib.compress(evidence.encode(), 1)
        return cls(identity, packed, code, message, fingerprint)

    @property
    def evidence(self) -> str | None:
        """Return the evidence as JSON; None for an error."""
        return None if self.packed is None else zlib.decompress(self.packed).decode()


@dataclass(frozen=True, slots=True)
class Measurement:
    """The outcome of measuring one frame: its evidence, or an error; and a small JPEG of it.

    `fingerprint` is that of the pictures that were measured (`read.fingerprint_frame`).
    """

    outcome: Evidence | PhotoError
    thumbnail: bytes | None = None
    fingerprint: bytes | None = None


def identify(frame: Frame, versions: Mapping[str, str]) -> bytes | None:
    """Return a digest of all that a measurement depends on; None where a file cannot be accessed.

    These are path, size and change time of each of the frame's files, and the detectors' `versions`. Where
    the digest is the same, nothing needs to be measured again.
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
    """Return the key of a photo in the store: the bytes of its real path, in any encoding.

    So `..` and links to folders name the same photos; a link to a photo keeps its own name.
    """
    folder, name = os.path.split(os.fspath(path))  # for each photo several times: far faster than with Path
    if not os.path.isabs(folder):  # noqa: PTH117
        folder = os.path.join(os.getcwd(), folder)  # noqa: PTH109, PTH118
    return os.fsencode(os.path.join(_real_folder(folder), name))  # noqa: PTH118


@lru_cache(maxsize=4096)
def _real_folder(folder: str) -> str:
    """Return the real path of a folder, as it was at the first call: a changed link costs a measurement."""
    return os.path.realpath(folder)  # `resolve` would raise an error for links in a circle


@cache
def _evidence_adapter() -> TypeAdapter[Evidence]:
    """Return the adapter that reads and writes evidence as JSON; pydantic takes 0.2 s to import."""
    from pydantic import TypeAdapter

    return TypeAdapter(Evidence)


class EvidenceStore:
    """One SQLite file (WAL) with the newest measurement of every photo, and a thumbnail of it.

    `on_warning` receives a sentence where the store is rebuilt or cannot be written. A store that is corrupt
    or was written by a newer Autocull is renamed, not deleted. With `file` None, or where the file cannot be
    opened, results are kept in a temporary file until `close`. What cannot be written, as on a full disk or
    while another program locks the file, is held in memory until `close`, and the file is tried again after
    `RETRY_DELAY` seconds of `elapsed`. Raises StoreError for a file that is not a store. For use by one
    thread.
    """

    def __init__(
        self,
        file: Path | None,
        on_warning: Callable[[str], None],
        elapsed: Callable[[], float] = time.monotonic,
    ) -> None:
        self._on_warning = on_warning
        self._elapsed = elapsed
        self._failed_at: float | None = None
        self._unsaved: dict[bytes, _UnsavedRow] = {}
        self._file = DatabaseFile(file, _SCHEMA, on_warning)

    def close(self) -> None:
        """Close the file; stored measurements stay."""
        self._file.close()

    def find_unchanged(self, identities: Mapping[Path, bytes]) -> set[Path]:
        """Return those photos of `identities` (path to identity) that are stored with the same identity."""
        return {path for path, *_ in self._find_matching(identities)}

    def get(self, identities: Mapping[Path, bytes]) -> dict[Path, Evidence | PhotoError]:
        """Return the stored outcomes of the photos in `identities` (path to identity).

        Photos that were never measured, or have changed since, are absent. No photo is read.
        """
        outcomes: dict[Path, Evidence | PhotoError] = {}
        for path, *columns in self._find_matching(identities):
            outcomes |= self._restore(path, *columns)
        return outcomes

    def _find_matching(
        self, identities: Mapping[Path, bytes]
    ) -> Iterator[tuple[Path, str | None, str | None, str | None]]:
        """Yield path, evidence, code and message of each photo that is stored with the same identity."""
        keys = {_path_key(path): path for path in identities}
        unsaved = {key: self._unsaved[key] for key in keys if key in self._unsaved}
        for key, row in unsaved.items():
            if row.identity == identities[keys[key]]:
                yield keys[key], row.evidence, row.code, row.message
        names = [key for key in keys if key not in unsaved]
        for start in range(0, len(names), _BATCH):
            for key, identity, evidence, code, message in self._query(_PHOTOS, names[start : start + _BATCH]):
                if identity == identities[keys[key]]:
                    yield keys[key], evidence, code, message

    def put(self, path: Path, identity: bytes, measurement: Measurement) -> bool:
        """Keep a measurement in place of the photo's earlier one; False where it was not kept.

        That is the case for errors with one of `TRANSIENT_CODES`.
        """
        outcome = measurement.outcome
        if isinstance(outcome, PhotoError) and outcome.code in TRANSIENT_CODES:
            return False
        key = _path_key(path)
        row = (
            (None, outcome.code, outcome.message)
            if isinstance(outcome, PhotoError)
            else (_evidence_adapter().dump_json(outcome).decode(), None, None)
        )
        if self._write(partial(self._replace, key, identity, row, measurement)):
            self._unsaved.pop(key, None)
        else:
            self._unsaved[key] = _UnsavedRow.pack(identity, row, measurement.fingerprint)
        return True

    def _write(self, change: Callable[[], object]) -> bool:
        """Run a change in one transaction; False where the file cannot be written, or failed a moment ago."""
        if self._has_failed():
            return False
        try:
            with transaction(self._file.connection):
                change()
        except sqlite3.Error as error:
            self._note_failure(error)
            return False
        self._failed_at = None
        return True

    def _has_failed(self) -> bool:
        return self._failed_at is not None and self._elapsed() - self._failed_at < RETRY_DELAY

    def _note_failure(self, error: sqlite3.Error) -> None:
        if self._failed_at is None:
            self._on_warning(f"Results are not kept for the next run for now: {error}.")
        self._failed_at = self._elapsed()

    def fingerprints(self, paths: Iterable[Path]) -> dict[Path, bytes]:
        """Return the fingerprints of stored photos; those without one are absent."""
        keys = {_path_key(path): path for path in paths}
        names, rows = list(keys), dict[Path, bytes]()
        for start in range(0, len(names), _BATCH):
            for key, fingerprint in self._query(_FINGERPRINTS, names[start : start + _BATCH]):
                rows[keys[key]] = fingerprint
        for key, path in keys.items():
            unsaved = self._unsaved.get(key)
            if unsaved is not None and unsaved.fingerprint is not None:
                rows[path] = unsaved.fingerprint
        return rows

    def renew(self, path: Path, identity: bytes) -> None:
        """Give a stored measurement a new identity: its files changed, but not their pictures."""
        key = _path_key(path)
        if key in self._unsaved:
            self._unsaved[key] = replace(self._unsaved[key], identity=identity)
        elif not self._write(partial(self._file.connection.execute, _RENEW, (identity, key))):
            self._copy_to_memory(key, identity)

    def _copy_to_memory(self, key: bytes, identity: bytes) -> None:
        """Hold a stored measurement in memory under a new identity, which cannot be written."""
        for _, _, *row in self._query(_PHOTOS, [key]):
            fingerprints = [fingerprint for _, fingerprint in self._query(_FINGERPRINTS, [key])]
            self._unsaved[key] = _UnsavedRow.pack(identity, row, next(iter(fingerprints), None))

    def _replace(
        self, key: bytes, identity: bytes, row: Sequence[str | None], measurement: Measurement
    ) -> None:
        execute = self._file.connection.execute
        execute("INSERT OR REPLACE INTO photos VALUES (?, ?, ?, ?, ?)", (key, identity, *row))
        for table, content in (
            ("thumbnails", measurement.thumbnail), ("fingerprints", measurement.fingerprint)
        ):  # fmt: skip
            execute(f"DELETE FROM {table} WHERE path = ?", (key,))  # noqa: S608 - a constant
            if content is not None:
                execute(f"INSERT INTO {table} VALUES (?, ?)", (key, content))  # noqa: S608 - a constant

    def thumbnail(self, path: Path) -> bytes | None:
        """Return the small JPEG that is stored with the photo's measurement, or None."""
        try:
            row = self._file.connection.execute(
                "SELECT jpeg FROM thumbnails WHERE path = ?", (_path_key(path),)
            ).fetchone()
        except sqlite3.Error:
            return None
        return row[0] if row else None

    def get_series(self, key: bytes) -> str | None:
        """Return the series that `put_series` stored under a key; None where there are none."""
        return next((content for (content,) in self._query(_SERIES, [key])), None)

    def put_series(self, key: bytes, content: str) -> None:
        """Store the series of a shoot, and remove those of the shoots stored longest ago beyond 100.

        Where the file cannot be written, nothing is stored: the shoot is grouped again in the next run.
        """
        self._write(partial(self._replace_series, key, content))

    def _replace_series(self, key: bytes, content: str) -> None:
        execute = self._file.connection.execute
        execute("INSERT OR REPLACE INTO series VALUES (?, ?)", (key, content))
        execute("DELETE FROM series WHERE rowid <= (SELECT max(rowid) FROM series) - ?", (_KEPT_SHOOTS,))

    def _query(self, query: str, keys: list[bytes]) -> list[tuple[Any, ...]]:
        """Return the rows of a query for some paths; none where the file cannot be read now.

        A damaged file is replaced.
        """
        placeholders = ",".join("?" * len(keys))
        try:
            return self._file.connection.execute(query.format(placeholders), keys).fetchall()
        except sqlite3.OperationalError as error:
            self._note_failure(error)
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
        except ValueError:  # written by an Autocull with other fields of evidence: measured again
            return {}
