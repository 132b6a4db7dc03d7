"""`autocull demo`: a shoot that shows what culling is about, the same every time."""

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


def named(shoot: Path, name: str) -> Path:
    """Return the photo of that name."""
    [path] = shoot.glob(f"DEMO_*_{name}.jpg")
    return path


def light(path: Path) -> float:
    """Return a photo's mean luma, 0-255."""
    return float(np.asarray(Image.open(path).convert("L")).mean())


def detail(path: Path) -> float:
    """Return how much neighbouring pixels differ."""
    return float(np.abs(np.diff(np.asarray(Image.open(path).convert("L"), np.float32), axis=1)).mean())


def test_every_photo_reads_but_the_damaged_one(shoot: Path) -> None:
    """30 photos; all but one read, with the facts of a plausible exposure, seconds apart but for series."""
    paths = sorted(shoot.iterdir())
    assert len(paths) == 30
    taken = []
    for path in paths[:-1]:
        capture = read_photo(path).capture
        shutter = {"bracket_1": 0.001, "bracket_3": 0.016}.get(path.stem[10:], 0.004)
        assert (capture.aperture, capture.shutter, capture.iso, capture.focal_length) == (
            2.8, pytest.approx(shutter), 200, 85.0,
        )  # fmt: skip
        taken.append(str(capture.taken))
    assert taken[0] == taken[1], "the copy was taken when its original was"
    assert taken[1:] == sorted(set(taken))
    with pytest.raises(PhotoError):
        read_photo(paths[-1])


def test_the_faults_are_there(shoot: Path) -> None:
    """Dark is darker, blown brighter, soft and moved have less detail, noise more, crushed is small."""
    portrait = named(shoot, "portrait")
    assert light(named(shoot, "portrait_dark")) < light(portrait) / 2
    assert light(named(shoot, "portrait_blown")) > light(portrait) * 1.3
    assert detail(named(shoot, "portrait_soft")) < detail(portrait) / 1.5
    assert detail(named(shoot, "portrait_moved")) < detail(portrait)
    assert detail(named(shoot, "cat_noisy")) > detail(named(shoot, "cat")) * 1.5
    assert named(shoot, "cat_crushed").stat().st_size < named(shoot, "cat").stat().st_size / 4


def test_the_series_are_there(shoot: Path, tmp_path: Path) -> None:
    """A copy, a burst whose sharpest frame stays, and a bracket that is kept whole."""
    found = tmp_path / "found.jsonl"
    store = ["--store", str(tmp_path / "store.sqlite"), "--workers", "1"]
    assert main(["cull", str(shoot), "--json", str(found), *store]) == 0
    records = {
        record["path"].rsplit("_", 2)[-2:][0] + record["path"].rsplit("_", 1)[1]: record
        for record in map(json.loads, found.read_text("utf-8").splitlines())
        if record["series"] and record["series"]["size"] > 1
    }
    kinds = {name: (record["series"]["kind"], record["verdict"]) for name, record in records.items()}
    assert [kinds[f"bracket{number}.jpg"] for number in (1, 2, 3)] == [("bracket", "keep")] * 3
    assert [kinds[f"burst{number}.jpg"] for number in (1, 2, 3)] == [
        ("burst", "reject"), ("burst", "keep"), ("burst", "reject"),
    ]  # fmt: skip
    assert kinds["portraitagain.jpg"][0] == "duplicate"


def test_files_that_are_there_stay(shoot: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A second time makes only what is missing, and overwrites nothing."""
    mine, missing = named(shoot, "grass"), named(shoot, "coffee")
    before = missing.read_bytes()
    mine.write_bytes(b"mine")
    missing.unlink()
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(demo_shoot, "_SIZE", 480)
        assert main(["demo", str(shoot)]) == 0
    assert "Made 1 photo in" in capsys.readouterr().out
    assert mine.read_bytes() == b"mine"
    assert missing.read_bytes() == before


def test_without_scikit_image_the_remedy_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The development dependency is named, with the words that install it."""
    monkeypatch.setitem(sys.modules, "skimage", None)
    monkeypatch.delitem(sys.modules, "autocull.cli.demo_shoot")
    assert main(["demo", str(tmp_path / "shoot")]) == 1
    assert "pip install scikit-image" in capsys.readouterr().err
    assert not (tmp_path / "shoot").exists()
