"""`autocull explain`: three lengths, the picture, and refusals by name."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image
from skimage import data

from autocull.cli import main
from autocull.judge.texts.explanation import DETECTOR_TEXTS


@pytest.fixture(scope="module")
def portrait(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A portrait in a folder of its own."""
    path = tmp_path_factory.mktemp("explain") / "portrait.png"
    Image.fromarray(data.astronaut()).save(path)
    return path


@pytest.fixture(autouse=True)
def wide(monkeypatch: pytest.MonkeyPatch) -> None:
    """A terminal in which no line has to be broken."""
    monkeypatch.setenv("COLUMNS", "400")


def said(capsys: pytest.CaptureFixture[str], *words: str | Path) -> str:
    """What the command prints with these words; it has to succeed."""
    assert main(["explain", *map(str, words)]) == 0
    return capsys.readouterr().out


def test_a_line_is_one_line(portrait: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing but the verdict, also where the terminal is narrow."""
    out = said(capsys, portrait, "--level", "line")
    assert out.startswith("Keep: nothing found against it (score ")
    assert out.count("\n") == 1


def test_a_paragraph_has_every_score_and_the_five_likeliest_labels(
    portrait: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is the default, and holds the line; each score has its number and limits."""
    lines = said(capsys, portrait, "--set", "eyes_reject=0.1").splitlines()
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


def test_how_the_networks_work_comes_last(portrait: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Each network has its paragraph, after everything that the shorter levels say."""
    out = said(capsys, portrait, "--level", "network")
    for text in DETECTOR_TEXTS.values():
        assert out.index(text) > out.index("The five likeliest labels")
    assert "No network decides." in out


def test_settings_and_profile_are_heard(portrait: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A changed limit changes the verdict and its words; a profile what is heard; a label what is sure."""
    assert said(capsys, portrait, "--set", "focus_doubt=1", "--level", "line").startswith("Cannot tell: ")
    assert "Ignored by these settings" in said(capsys, portrait, "--profile", "sports")
    assert "not sure" in said(capsys, portrait, "--set", "category_sure=1")


def test_the_picture_is_written_where_it_was_asked_for(
    portrait: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A PNG as wide as promised, said on standard error; the photo is untouched."""
    before = portrait.read_bytes()
    assert main(["explain", str(portrait), "--level", "line", "--save", str(tmp_path / "why.png")]) == 0
    captured = capsys.readouterr()
    assert captured.out.count("\n") == 1
    assert "why.png" in captured.err
    with Image.open(tmp_path / "why.png") as picture:
        assert (picture.format, picture.width) == ("PNG", 1600)
    assert portrait.read_bytes() == before


def test_the_photo_itself_is_never_replaced(portrait: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The same name for both is refused before anything is measured."""
    before = portrait.read_bytes()
    assert main(["explain", str(portrait), "--save", str(portrait)]) == 1
    captured = capsys.readouterr()
    assert "choose another name" in captured.err
    assert captured.out == ""
    assert portrait.read_bytes() == before


@pytest.mark.parametrize(
    ("words", "code", "told"),
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
def test_what_cannot_be_done_is_named(
    portrait: Path, capsys: pytest.CaptureFixture[str], words: list[str], code: int, told: str
) -> None:
    """An exit code of its own kind, and one sentence."""
    arguments = [str(portrait) if word == "portrait" else word for word in words]
    assert main(["explain", *arguments]) == code
    captured = capsys.readouterr()
    assert told in captured.err
    assert "Traceback" not in captured.err
