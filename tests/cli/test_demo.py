"""Tests of `autocull demo`: its photos, faults and series, the same every time."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from autocull.cli import demo_shoot, main
from autocull.errors import PhotoError
from autocull.read import read_photo


@pytest.fixture(scope="module")
def shoot(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make the shoot once, small, so that the tests are fast."""
    folder = tmp_path_factory.mktemp("demo") / "shoot"
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(demo_shoot, "_SIZE", 480)
        assert main(["demo", str(folder)]) == 0
    return folder


def find_photo(shoot: Path, name: str) -> Path:
    """Return the photo of that name."""
    [path] = shoot.glob(f"DEMO_*_{name}.jpg")
    return path


def mean_luma(path: Path) -> float:
    """Return a photo's mean luma, 0-255."""
    return float(np.asarray(Image.open(path).convert("L")).mean())


def mean_detail(path: Path) -> float:
    """Return the mean difference of neighbouring pixels."""
    return float(np.abs(np.diff(np.asarray(Image.open(path).convert("L"), np.float32), axis=1)).mean())


def test_every_photo_but_one_is_readable(shoot: Path) -> None:
    """30 photos with plausible capture data, seconds apart except in series; the damaged one is not read."""
    paths = sorted(shoot.iterdir())
    assert len(paths) == 30
    capture_times = []
    for path in paths[:-1]:
        capture = read_photo(path).capture
        shutter = {"bracket_1": 0.001, "bracket_3": 0.016}.get(path.stem[10:], 0.004)
        assert (capture.aperture, capture.shutter, capture.iso, capture.focal_length) == (
            2.8, pytest.approx(shutter), 200, 85.0,
        )  # fmt: skip
        capture_times.append(str(capture.taken))
    assert capture_times[0] == capture_times[1], "the copy has the time of its original"
    assert capture_times[1:] == sorted(set(capture_times))
    with pytest.raises(PhotoError):
        read_photo(paths[-1])


def test_faults_are_measurable(shoot: Path) -> None:
    """Dark is darker, blown brighter, soft and moved have less detail, noisy more, crushed is small."""
    portrait = find_photo(shoot, "portrait")
    assert mean_luma(find_photo(shoot, "portrait_dark")) < mean_luma(portrait) / 2
    assert mean_luma(find_photo(shoot, "portrait_blown")) > mean_luma(portrait) * 1.3
    assert mean_detail(find_photo(shoot, "portrait_soft")) < mean_detail(portrait) / 1.5
    assert mean_detail(find_photo(shoot, "portrait_moved")) < mean_detail(portrait)
    assert mean_detail(find_photo(shoot, "cat_noisy")) > mean_detail(find_photo(shoot, "cat")) * 1.5
    assert find_photo(shoot, "cat_crushed").stat().st_size < find_photo(shoot, "cat").stat().st_size / 4


def test_series_are_recognised(shoot: Path, tmp_path: Path) -> None:
    """A copy, a burst whose sharpest frame is kept, and a bracket that is kept whole."""
    json_file = tmp_path / "results.jsonl"
    store = ["--store", str(tmp_path / "store.sqlite"), "--workers", "1"]
    assert main(["cull", str(shoot), "--json", str(json_file), *store]) == 0
    records = {
        record["path"].rsplit("_", 2)[-2:][0] + record["path"].rsplit("_", 1)[1]: record
        for record in map(json.loads, json_file.read_text("utf-8").splitlines())
        if record["series"] and record["series"]["size"] > 1
    }
    kinds = {name: (record["series"]["kind"], record["verdict"]) for name, record in records.items()}
    assert [kinds[f"bracket{number}.jpg"] for number in (1, 2, 3)] == [("bracket", "keep")] * 3
    assert [kinds[f"burst{number}.jpg"] for number in (1, 2, 3)] == [
        ("burst", "reject"), ("burst", "keep"), ("burst", "reject"),
    ]  # fmt: skip
    assert kinds["portraitagain.jpg"][0] == "duplicate"


def test_existing_files_stay(shoot: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A second time writes only missing files."""
    existing, missing = find_photo(shoot, "grass"), find_photo(shoot, "coffee")
    before = missing.read_bytes()
    existing.write_bytes(b"existing")
    missing.unlink()
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(demo_shoot, "_SIZE", 480)
        assert main(["demo", str(shoot)]) == 0
    assert "Made 1 photo in" in capsys.readouterr().out
    assert existing.read_bytes() == b"existing"
    assert missing.read_bytes() == before


def test_missing_scikit_image_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The error names the package, and the command that installs it."""
    monkeypatch.setitem(sys.modules, "skimage", None)
    monkeypatch.delitem(sys.modules, "autocull.cli.demo_shoot")
    assert main(["demo", str(tmp_path / "shoot")]) == 1
    assert "pip install scikit-image" in capsys.readouterr().err
    assert not (tmp_path / "shoot").exists()
