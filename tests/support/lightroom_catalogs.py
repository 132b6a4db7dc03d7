"""Builds small Lightroom catalogs, with the tables and columns that reading one needs."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import Any

_TABLES = """
CREATE TABLE AgLibraryRootFolder (id_local INTEGER PRIMARY KEY, absolutePath);
CREATE TABLE AgLibraryFolder (id_local INTEGER PRIMARY KEY, pathFromRoot, rootFolder INTEGER);
CREATE TABLE AgLibraryFile (id_local INTEGER PRIMARY KEY, baseName, extension, folder INTEGER);
CREATE TABLE Adobe_images
  (id_local INTEGER PRIMARY KEY, rootFile INTEGER, pick, rating, masterImage INTEGER, fileFormat);
CREATE TABLE AgLibraryImportImage (id_local INTEGER PRIMARY KEY, image INTEGER, import INTEGER);
CREATE TABLE AgPhotoPropertySpec (id_local INTEGER PRIMARY KEY, key, sourcePlugin);
CREATE TABLE AgPhotoProperty
  (id_local INTEGER PRIMARY KEY, internalValue, photo INTEGER, propertySpec INTEGER);
INSERT INTO AgLibraryRootFolder VALUES (1, '/photos/');
INSERT INTO AgLibraryFolder VALUES (1, '2024/Müller/', 1);
INSERT INTO AgPhotoPropertySpec VALUES (1, 'written', 'app.autocull.lightroom');
INSERT INTO AgPhotoPropertySpec VALUES (2, 'written', 'com.example.other');
"""


def catalog(file: Path, photos: Iterable[dict[str, Any]]) -> Path:
    """Write a catalog of photos by `pick`, `rating`, `copy` of an earlier one (its number), `format`, `ours`
    (the marks that the plug-in noted) and `imported` (the import's number).
    """
    with closing(sqlite3.connect(file)) as made, made:
        made.executescript(_TABLES)
        for number, photo in enumerate(photos, 1):
            original = photo.get("copy")
            if original is None:
                made.execute("INSERT INTO AgLibraryFile VALUES (?, ?, 'NEF', 1)", (number, f"IMG_{number}"))
            made.execute(
                "INSERT INTO Adobe_images VALUES (?, ?, ?, ?, ?, ?)",
                (number, original or number, photo.get("pick", 0.0), photo.get("rating"), original,
                 photo.get("format", "RAW")),
            )  # fmt: skip
            if "imported" in photo:
                row = (number, photo["imported"])
                made.execute("INSERT INTO AgLibraryImportImage (image, import) VALUES (?, ?)", row)
            if "ours" in photo:
                row = (json.dumps(photo["ours"]), number, photo.get("spec", 1))
                made.execute(
                    "INSERT INTO AgPhotoProperty (internalValue, photo, propertySpec) VALUES (?, ?, ?)", row
                )
    return file
