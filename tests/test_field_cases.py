"""Faults from the field: each shared case behaves as its check expects, in processes of their own."""

from __future__ import annotations

import importlib.util
import os
import shutil
import sys
from pathlib import Path
from types import ModuleType

import pytest

import autocull

CASES = (
    *("bracket-bias-only", "bracket-manual-lens", "bracket-uneven", "burst-same-second", "catalog-moved"),
    *("date-hour-24", "date-slashes", "dot-underscore", "float-hdr-tiff", "gray-raw-preview"),
    *("gray16-alpha-tiff", "icloud-placeholders", "in-camera-stars", "jpeg-no-end-mark"),
    *("learn-from-jpg-xmp", "learn-stars-and-x", "move-live-photo-acr", "nas-sidecar", "nef-beside-its-tif"),
    *("nfd-photo-nfc-sidecar", "photos-library", "planar16-tiff", "pq-overexposed", "psd-16-bit"),
    *("raw-jpg-folders", "raw-jpg-separate-in-lightroom", "recycle-and-video-thumbs"),
    *("same-name-other-photo", "sidecar-other-capitals", "sort-copy-inside", "sort-link-inside"),
    *("square-portrait", "starry-sky", "stars-then-reject", "utf16-declared-no-mark"),
    *("utf16-sidecar-destroyed", "utf16be-sidecar-crash", "wb-bracket", "white-is-zero-16"),
)

pytestmark = [
    pytest.mark.skipif(os.name == "nt", reason="the shared cases run on Linux and macOS"),
    pytest.mark.skipif(shutil.which("exiftool") is None, reason="the shared cases need exiftool"),
]


@pytest.fixture
def harness(shared_data: Path, tmp_path: Path) -> ModuleType:
    """Load the harness of the shared cases, which runs this checkout's program."""
    file = shared_data / "field_cases" / "harness.py"
    if not file.is_file():
        pytest.skip("there are no shared cases")
    program = tmp_path / "autocull"
    folder = Path(autocull.__file__).parents[1]
    python_path = f'export PYTHONPATH="{folder}${{PYTHONPATH:+:$PYTHONPATH}}"'
    program.write_text(f'#!/bin/sh\n{python_path}\nexec "{sys.executable}" -m autocull "$@"\n')
    program.chmod(0o755)
    spec = importlib.util.spec_from_file_location("field_cases_harness", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.PROGRAM = str(program)  # type: ignore[attr-defined]
    return module


@pytest.mark.parametrize("case", CASES)
def test_case_behaves_as_expected(case: str, harness: ModuleType) -> None:
    """The check of the case finds nothing."""
    assert harness.run_case(case) == []


def test_all_shared_cases_are_listed(shared_data: Path) -> None:
    """A new case must be added to the list."""
    folders = (shared_data / "field_cases").glob("*/check.py")
    assert {path.parent.name for path in folders} <= {*CASES}
