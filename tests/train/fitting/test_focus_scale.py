"""The scale of the tiles' log-odds: a logistic on complete photos, all sources alike."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageFilter
from skimage import data

from autocull.measure.models import models_root
from autocull.train.fitting import focus_scale
from autocull.train.fitting.focus_scale import (
    NATURAL,
    FocusSample,
    collect_focus_samples,
    collect_natural_samples,
    fit_joined_scale,
    fit_scale,
    main,
)


def samples_of(source: str, count: int, bias: float, slope: float) -> list[FocusSample]:
    """Make samples whose sharpness follows a logistic of their log-odds."""
    values = np.linspace(-4, 4, count)
    return [FocusSample(source, float(1 - 1 / (1 + np.exp(-(bias + slope * x)))), float(x)) for x in values]


def test_the_scale_of_the_samples_is_recovered() -> None:
    """Soft targets that follow a logistic give its bias and slope."""
    scale = fit_scale(samples_of("one", 400, 0.5, 1.4))
    assert scale == {"bias": pytest.approx(0.5, abs=0.05), "slope": pytest.approx(1.4, abs=0.1)}


def test_sources_count_the_same_whatever_their_number() -> None:
    """A source with ten times the photos does not outweigh the other one."""
    few = fit_scale([*samples_of("one", 100, -1, 1), *samples_of("two", 100, 2, 1)])
    many = fit_scale([*samples_of("one", 1000, -1, 1), *samples_of("two", 100, 2, 1)])
    assert many["bias"] == pytest.approx(few["bias"], abs=0.02)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Make a data folder with nine photos, of which one is `dev`, and one of camera size."""
    manifests: dict[str, list[tuple[str, str, str]]] = {"photos": [], "more/good/camera_size": []}
    for number in range(9):
        path = tmp_path / "photos" / f"{number}.png"
        path.parent.mkdir(exist_ok=True)
        Image.fromarray(np.roll(data.astronaut()[:300, :400], 40 * number, axis=1)).save(path)
        manifests["photos"].append((path.name, "dev" if number == 8 else "train", f"p{number}"))
    path = tmp_path / "more/good/camera_size" / "large.png"
    path.parent.mkdir(parents=True)
    Image.fromarray(np.kron(data.astronaut(), np.ones((4, 4, 1), np.uint8))).save(path)
    manifests["more/good/camera_size"].append((path.name, "train", "c"))
    for name, rows in manifests.items():
        lines = ["path,label,split,group,source", *(f"{p},good,{s},{g},{name[:4]}" for p, s, g in rows)]
        (tmp_path / name / "manifest.csv").write_text("\n".join(lines) + "\n", "utf-8")
    return tmp_path


def test_photos_mosaics_and_pieces_are_measured(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of each picture a good and a blurred photo are measured, none of them `dev`; blur lowers log-odds."""
    monkeypatch.setattr(focus_scale, "_CRISP", 0.0)
    samples = collect_focus_samples(folder, models_root(), photos=8, pieces=2)
    sources = [sample.source for sample in samples]
    assert sources.count("phot") == 16
    assert sources.count("mosaic") == 4
    assert 0 < sources.count("camera_size") <= 4
    sharp = [sample.log_odds for sample in samples if sample.soft == 0]
    soft = [sample.log_odds for sample in samples if sample.soft == 1]
    assert np.mean(sharp) > np.mean(soft) + 1


def test_only_crisp_photos_are_joined_to_mosaics(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a limit that no photo reaches there is no mosaic."""
    monkeypatch.setattr(focus_scale, "_CRISP", 1.0)
    samples = collect_focus_samples(folder, models_root(), photos=4, pieces=1)
    assert "mosaic" not in {sample.source for sample in samples}


def test_blurred_and_good_photos_count_the_same() -> None:
    """Where log-odds do not separate them, the answer is one half, however many there are of each."""
    soft = [FocusSample("one", 1.0, x) for x in (-1.0, 1.0)]
    sharp = [FocusSample("two", 0.0, x) for x in (-1.0, 1.0)] * 50
    assert fit_joined_scale([*soft, *sharp])["bias"] == pytest.approx(0, abs=0.02)
    sources = [FocusSample("three", 0.0, 3.0)] * 200
    few, many = (fit_joined_scale([*soft, *sharp, *sources[:count]]) for count in (20, 200))
    assert few["slope"] == pytest.approx(many["slope"], abs=0.1)


def test_natural_photos_are_measured_with_the_whole_frame(folder: Path) -> None:
    """Training rows of each folder, with their labels; a blurred photo has the lower log-odds."""
    for name, label in zip(NATURAL, ("motion", "sharp", "partly_defocused", "good_dark"), strict=True):
        (folder / name).mkdir(parents=True, exist_ok=True)
        picture = Image.fromarray(data.astronaut())
        if label == "motion":
            picture = picture.filter(ImageFilter.GaussianBlur(8))
        picture.save(folder / name / "a.png")
        text = f"path,label,split,group,source\na.png,{label},train,g,{name}\nb.png,sharp,dev,h,{name}\n"
        (folder / name / "manifest.csv").write_text(text, "utf-8")
    samples = collect_natural_samples(folder, models_root())
    assert [sample.source for sample in samples] == list(NATURAL)
    assert [sample.soft for sample in samples] == [1.0, 0.0, 0.0, 0.0]
    assert samples[0].log_odds < 0 < samples[1].log_odds


def test_main_writes_both_scales_and_valid_checksums(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The configuration keeps its other values, and its checksum is that of the file."""
    models = folder / "models"
    shutil.copytree(models_root() / "focus", models / "focus")
    before = json.loads((models / "focus/config.json").read_text("utf-8"))
    monkeypatch.setattr(focus_scale, "collect_focus_samples", lambda *_: samples_of("one", 200, 0.25, 1.25))
    monkeypatch.setattr(focus_scale, "collect_natural_samples", lambda *_: samples_of("one", 200, -1.0, 1.5))
    main(folder, models / "focus")
    content = (models / "focus/config.json").read_bytes()
    after = json.loads(content)
    assert after["scale"] == pytest.approx({"bias": 0.25, "slope": 1.25}, abs=0.1)
    assert after["joined"] != before.get("joined")
    changed = ("scale", "joined")
    assert {k: v for k, v in after.items() if k not in changed} == {
        k: v for k, v in before.items() if k not in changed
    }
    sums = (models / "focus/SHA256SUMS").read_text("utf-8")
    assert f"{hashlib.sha256(content).hexdigest()}  config.json" in sums
