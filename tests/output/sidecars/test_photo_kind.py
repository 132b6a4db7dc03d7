"""Tests of the kinds of photo files, by which Lightroom reads sidecars or not."""

from __future__ import annotations

from pathlib import Path

import pytest

from autocull.output.sidecars.photo_kind import kind_of
from autocull.read import Frame


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("a.NEF", "RAW"),
        ("a.cr3", "RAW"),
        ("a.dng", "DNG"),
        ("a.JPG", "JPEG"),
        ("a.mpo", "JPEG"),
        ("a.tif", "TIFF"),
        ("a.tiff", "TIFF"),
        ("a.hif", "HEIC"),
        ("a.png", "PNG"),
        ("a.psd", "PSD"),
        ("a", "other"),
    ],
)
def test_kind_follows_the_suffix(name: str, kind: str) -> None:
    """In any case; a DNG is no RAW file here, since its marks are inside."""
    assert kind_of(Frame(Path(name))) == kind


def test_pair_is_raw() -> None:
    """The sidecar of a pair is that of its RAW file."""
    assert kind_of(Frame(Path("a.nef"), (Path("a.jpg"),))) == "RAW"
