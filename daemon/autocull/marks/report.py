"""The report: one self-contained page with every photo, its verdict and its reasons."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from autocull.marks.result import Result
from autocull.read.photo import Pixels


def thumbnail(working: Pixels) -> bytes:
    """A small JPEG of a working picture, for the report."""
    raise NotImplementedError


def write_report(
    rows: Iterable[tuple[Result, bytes | None]], path: Path, *, title: str, limits: Mapping[str, float]
) -> None:
    """Write the report page of `rows` (result and thumbnail) to `path`, atomically, as the rows come."""
    raise NotImplementedError
