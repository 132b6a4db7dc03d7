"""Tests of `autocull explain`: three lengths, the picture, and errors."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image
from skimage import data

from autocull.cli import main
from autocull.judge.texts.explanation import DETECTOR_TEXTS


@pytest.fixture(scope="module")
def portrait(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write a portrait in a folder of its own."""
    path = tmp_path_factory.mktemp("explain") / "portrait.png"
    Image.fromarray(data.astronaut()).save(path)
    return path


@pytest.fixture(autouse=True)
def wide(monkeypatch: pytest.MonkeyPatch) -> None:
    """Set a terminal width at which no line is wrapped."""
    monkeypatch.setenv("COLUMNS", "400")


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


@pytest.mark.parametrize(
    ("words", "code", "expected"),
    [
        (["none.jpg"], 1, "none.jpg: The file does not exist."),
        (["."], 2, "is a directory"),
        (["portrait", "--save", "why.jpg"], 2, "does not end in .png"),
        (["portrait", "--set", "eyes_rejects=1"], 2, "Did you mean eyes_reject?"),
        (["portrait", "--profile", "wedding"], 2, "There is no profile wedding"),
        (["portrait", "--level", "novel"], 2, "novel"),
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
