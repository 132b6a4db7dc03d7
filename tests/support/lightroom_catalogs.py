"""Builders of small Lightroom catalogs, with the tables and columns that the reader needs."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import Any

_TABLES = """
CREATE TABLE AgLibraryRootFolder (id_local INTEGER PRIMARY KEY, absolutePath, relativePathFromCatalog);
CREATE TABLE AgLibraryFolder (id_local INTEGER PRIMARY KEY, pathFromRoot, rootFolder INTEGER);
CREATE TABLE AgLibraryFile (id_local INTEGER PRIMARY KEY, baseName, extension, folder INTEGER);
CREATE TABLE Adobe_images
  (id_local INTEGER PRIMARY KEY, rootFile INTEGER, pick, rating, masterImage INTEGER, fileFormat);
CREATE TABLE AgLibraryImportImage (id_local INTEGER PRIMARY KEY, image INTEGER, import INTEGER);
CREATE TABLE AgPhotoPropertySpec (id_local INTEGER PRIMARY KEY, key, sourcePlugin);
CREATE TABLE AgPhotoProperty
  (id_local INTEGER PRIMARY KEY, internalValue, photo INTEGER, propertySpec INTEGER);
INSERT INTO AgLibraryRootFolder VALUES (1, '/photos/', 'Photos/');
INSERT INTO AgLibraryFolder VALUES (1, '2024/Müller/', 1);
INSERT INTO AgPhotoPropertySpec VALUES (1, 'written', 'app.autocull.lightroom');
INSERT INTO AgPhotoPropertySpec VALUES (2, 'written', 'com.example.other');
"""


def write_catalog(file: Path, photos: Iterable[dict[str, Any]]) -> Path:
    """Write a catalog and return its path.

    Keys of a photo: `pick`, `rating`, `format`, `copy` (number of the photo that it is a virtual copy of),
    `written` (the marks that a plug-in noted), `spec` (1 for Autocull's plug-in, 2 for another one) and
    `imported` (number of the import).
    """
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.executescript(_TABLES)
        for number, photo in enumerate(photos, 1):
            original = photo.get("copy")
            if original is None:
                connection.execute(
                    "INSERT INTO AgLibraryFile VALUES (?, ?, 'NEF', 1)", (number, f"IMG_{number}")
                )
            connection.execute(
                "INSERT INTO Adobe_images VALUES (?, ?, ?, ?, ?, ?)",
                (number, original or number, photo.get("pick", 0.0), photo.get("rating"), original,
                 photo.get("format", "RAW")),
            )  # fmt: skip
            if "imported" in photo:
                row = (number, photo["imported"])
                connection.execute("INSERT INTO AgLibraryImportImage (image, import) VALUES (?, ?)", row)
            if "written" in photo:
                row = (json.dumps(photo["written"]), number, photo.get("spec", 1))
                connection.execute(
                    "INSERT INTO AgPhotoProperty (internalValue, photo, propertySpec) VALUES (?, ?, ?)", row
                )
    return file
