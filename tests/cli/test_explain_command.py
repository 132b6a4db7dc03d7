"""Tests of `autocull explain`: three lengths, the picture, and errors."""

from __future__ import annotations

import importlib
import json
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from skimage import data

from autocull.cli import main
from autocull.judge.texts.explanation import DETECTOR_TEXTS
from autocull.measure.models import models_root, versions
from autocull.taste import ProfileStore
from support.sample_series import BURST, OTHER, SHARPEST, write_sample_shoot
from support.taste_factories import make_dark_taste, origin, profile

explain_module = importlib.import_module("autocull.cli.explain")  # the package has a command of this name


@pytest.fixture(scope="module")
def portrait(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write a portrait in a folder of its own."""
    path = tmp_path_factory.mktemp("explain") / "portrait.png"
    Image.fromarray(data.astronaut()).save(path)
    return path


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the path of the module's store of measurements."""
    return tmp_path_factory.mktemp("store") / "store.sqlite"


@pytest.fixture(autouse=True)
def environment(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Set a terminal width at which no line is wrapped, and a store of the tests."""
    monkeypatch.setenv("COLUMNS", "400")
    monkeypatch.setenv("AUTOCULL_STORE", str(store))


def output_of(capsys: pytest.CaptureFixture[str], *words: str | Path) -> str:
    """Return what the command prints; it has to succeed."""
    assert main(["explain", *map(str, words)]) == 0
    return capsys.readouterr().out


def test_line_is_one_line(portrait: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Only the verdict is printed, also where the terminal is narrow."""
    out = output_of(capsys, portrait, "--level", "line")
    assert out.startswith("Keep: nothing found against it (score ")
    assert out.count("\n") == 1


def test_paragraph_has_scores_and_labels(portrait: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It is the default, and contains the line; each score has its number and limits."""
    lines = output_of(capsys, portrait, "--set", "eyes_reject=0.1").splitlines()
    assert lines[0].startswith("Keep: ")
    start = lines.index("Scores")
    names = [line.split("  ")[0] for line in lines[start + 1 : start + 11]]
    assert names == [
        *("Score", "Eyes open", "Sharp subject", "Blurred frame", "Too dark", "Too bright"),
        *("Lens flare", "Compression", "Noise", "Long side"),
    ]
    assert any("rejected at 10 % or less" in line for line in lines)
    labels = lines[lines.index("The five likeliest labels") + 1 :]
    assert len(labels) == 5
    assert labels[0].split()[0] == "People"
    assert "category, given from " in labels[0]


def test_networks_are_described_last(portrait: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Each network has its paragraph, after the contents of the shorter levels."""
    out = output_of(capsys, portrait, "--level", "network")
    for text in DETECTOR_TEXTS.values():
        assert out.index(text) > out.index("The five likeliest labels")
    assert "No network decides." in out


def test_settings_and_profile_are_applied(portrait: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """They change the verdict and its text, whether eyes count, and which labels are sure."""
    assert output_of(capsys, portrait, "--set", "focus_doubt=1", "--level", "line").startswith(
        "Cannot tell: "
    )
    assert "Ignored by these settings" in output_of(capsys, portrait, "--profile", "sports")
    assert "not sure" in output_of(capsys, portrait, "--set", "category_sure=1")


def test_picture_is_written(portrait: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A PNG of its width, reported on standard error; the photo is untouched."""
    before = portrait.read_bytes()
    assert main(["explain", str(portrait), "--level", "line", "--save", str(tmp_path / "why.png")]) == 0
    captured = capsys.readouterr()
    assert captured.out.count("\n") == 1
    assert "why.png" in captured.err
    with Image.open(tmp_path / "why.png") as picture:
        assert (picture.format, picture.width) == ("PNG", 1600)
    assert portrait.read_bytes() == before


def test_photo_itself_is_never_replaced(portrait: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The same name for both is refused before anything is measured."""
    before = portrait.read_bytes()
    assert main(["explain", str(portrait), "--save", str(portrait)]) == 1
    captured = capsys.readouterr()
    assert "choose another name" in captured.err
    assert captured.out == ""
    assert portrait.read_bytes() == before


@pytest.fixture(scope="module")
def shoot(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write a shoot with a burst, a bracket and a photo alone."""
    folder = tmp_path_factory.mktemp("shoot")
    write_sample_shoot(folder)
    return folder


def culled(shoot: Path, store: Path, *words: str | Path) -> dict[str, dict[str, Any]]:
    """Return the records of `autocull cull` on a shoot by the names of its photos."""
    lines = store.with_name("lines.jsonl")
    lines.unlink(missing_ok=True)
    assert main(["cull", str(shoot), "--json", str(lines), *map(str, words)]) == 0
    records = [json.loads(line) for line in lines.read_text("utf-8").splitlines()]
    return {Path(record["path"]).name: record for record in records}


ANSWERS = {"keep": "Keep", "reject": "Reject", "cannot_tell": "Cannot tell"}


@pytest.mark.parametrize("measured_before", [False, True])
def test_explanation_agrees_with_culling(
    shoot: Path, store: Path, capsys: pytest.CaptureFixture[str], measured_before: bool
) -> None:
    """Every photo has the verdict of its series, measured before or not, with the same settings."""
    settings = store.with_name("settings.toml")
    settings.write_text("series_keep = 2\n")
    words = ("--settings", settings)
    if not measured_before:
        words = (*words, "--store", store.with_name("explained.sqlite"))
        explained = {
            path.name: output_of(capsys, path, "--level", "line", *words) for path in shoot.iterdir()
        }
    records = culled(shoot, store, "--settings", settings)
    capsys.readouterr()
    if measured_before:
        explained = {
            path.name: output_of(capsys, path, "--level", "line", *words) for path in shoot.iterdir()
        }
    assert any(record["verdict"] != "keep" for record in records.values()), "no series decided"
    for name, record in records.items():
        assert explained[name].startswith(f"{ANSWERS[record['verdict']]}: "), name


def test_photo_alone_has_no_series(shoot: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Its folder is left out on request, and other folders are its shoot where they are named."""
    path = shoot / BURST[3]
    assert output_of(capsys, path, "--level", "line").startswith(
        "Reject: Frame burst2.jpg of this series is better"
    )
    named = ("--shoot", shoot / SHARPEST, "--shoot", shoot / OTHER)
    assert output_of(capsys, path, "--level", "line", *named).startswith(
        "Reject: Frame burst2.jpg of this series is better"
    )
    for words in (("--alone",), ("--shoot", shoot / OTHER)):
        out = output_of(capsys, path, *words)
        assert not out.startswith("Reject: ")
        assert "Burst of" not in out


def test_series_is_explained(shoot: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The paragraph has the position in the series."""
    assert "Burst of 4: " in output_of(capsys, shoot / SHARPEST)


def test_large_shoot_is_measured_in_part(
    shoot: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The nearest photos by name are measured, and the number of the others is printed."""
    monkeypatch.setattr(explain_module, "MAX_UNMEASURED", 3)
    words = ("--level", "line", "--store", tmp_path / "s.sqlite")
    assert main(["explain", str(shoot / BURST[3]), *map(str, words)]) == 0
    captured = capsys.readouterr()
    assert captured.out.startswith("Reject: ")
    assert "Never measured, and left out: 4 photos of the shoot." in captured.err


def test_taste_is_applied(
    shoot: Path, store: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It decides as in culling: some verdicts change, and each agrees."""
    taste = make_dark_taste(origin=origin(models=versions(models_root())))
    ProfileStore(tmp_path).save(taste)
    words = ("--tastes", tmp_path, "--taste", taste.name)
    plain, records = culled(shoot, store), culled(shoot, store, *words)
    capsys.readouterr()
    assert {name for name in plain if plain[name]["verdict"] != records[name]["verdict"]}
    for name, record in records.items():
        out = output_of(capsys, shoot / name, "--level", "line", *words)
        assert out.startswith(f"{ANSWERS[record['verdict']]}: "), name


def test_unusable_tastes_are_reported(
    portrait: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One of other networks decides nothing, as in culling; a name that does not exist is an error."""
    ProfileStore(tmp_path).save(profile())
    words = ["explain", str(portrait), "--tastes", str(tmp_path), "--taste"]
    assert main([*words, "Anna"]) == 0
    assert "decides nothing" in capsys.readouterr().err
    assert main([*words, "Nobody"]) == 2


@pytest.mark.parametrize(
    ("words", "code", "expected"),
    [
        (["none.jpg"], 1, "none.jpg: The file does not exist."),
        (["."], 2, "is a directory"),
        (["portrait", "--save", "why.jpg"], 2, "does not end in .png"),
        (["portrait", "--set", "eyes_rejects=1"], 2, "Did you mean eyes_reject?"),
        (["portrait", "--profile", "wedding"], 2, "There is no profile wedding"),
        (["portrait", "--level", "novel"], 2, "novel"),
        (["portrait", "--alone", "--shoot", "."], 2, "either --alone or --shoot"),
        (["portrait", "--settings", "none.toml"], 2, "none.toml"),
        ([], 2, "Missing argument"),
    ],
)
def test_errors_are_named(
    portrait: Path, capsys: pytest.CaptureFixture[str], words: list[str], code: int, expected: str
) -> None:
    """Each has its exit code, and one sentence."""
    arguments = [str(portrait) if word == "portrait" else word for word in words]
    assert main(["explain", *arguments]) == code
    captured = capsys.readouterr()
    assert expected in captured.err
    assert "Traceback" not in captured.err
