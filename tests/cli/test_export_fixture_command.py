"""Tests of `autocull export-fixture` and `autocull evaluate --fixture`."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path

import pytest

from autocull.cli import main
from autocull.errors import PhotoError
from autocull.fixtures.reader import read_fixture
from autocull.measure.evidence import Evidence
from autocull.measure.models import models_root, versions
from autocull.pipeline.evidence_store import EvidenceStore, Measurement, identify
from autocull.read import Frame
from support.evidence_builders import evidence, focus
from support.xmp_samples import lightroom

SOFT = evidence(focus=focus(0.05), defects={"defocus": 0.95})


@pytest.fixture
def shoot(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a measured folder with a good photo and two soft ones, one of which the user kept."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("AUTOCULL_STORE", str(tmp_path / "store.sqlite"))
    folder = tmp_path / "Müller & Sohn"
    folder.mkdir()
    add_measured_photo(folder / "IMG_1.NEF", evidence(models=versions(models_root())), 'xmp:Rating="2"')
    add_measured_photo(folder / "IMG_2.NEF", SOFT, 'xmp:Rating="5"')
    add_measured_photo(folder / "IMG_3.NEF", SOFT, 'xmpDM:pick="-1" xmpDM:good="false"')
    return folder


def add_measured_photo(photo: Path, outcome: Evidence | PhotoError, marks: str) -> None:
    """Add a photo with a sidecar, and its measurement in the store."""
    photo.write_bytes(b"raw")
    photo.with_suffix(".xmp").write_text(lightroom(marks), "utf-8")
    identity = identify(Frame(photo), versions(models_root()))
    assert identity is not None
    with closing(EvidenceStore(photo.parent.parent / "store.sqlite", print)) as store:
        store.put(photo, identity, Measurement(outcome))


def run(*words: str | Path) -> int:
    """Run `autocull` with these words."""
    return main([str(word) for word in words])


def test_fixture_can_be_replayed(shoot: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The command prints its counts; the replay counts the same harm, without the photos."""
    assert run("export-fixture", shoot, "--out", "corrections.json") == 0
    output = capsys.readouterr().out
    assert "3 photos in the folder" in output
    assert "1 decided by you against the verdict" in output
    assert "2 decided as the verdict says" in output
    assert "corrections.json: 2 photos, 1 correction and 1 decision without one" in output
    for path in shoot.iterdir():
        path.unlink()
    assert run("evaluate", "--fixture", "corrections.json", "--json", "out.json") == 0
    output = capsys.readouterr().out
    assert "harm: 1 of 2 photos that the photographer kept are rejected (50.0 %" in output.replace(
        "50.0%", "50.0 %"
    )
    assert "out_of_focus 1" in output
    figures = json.loads(Path("out.json").read_text("utf-8"))
    assert (figures["n"], figures["met"], figures["harm"]["n"]) == (2, 1, 1)


def test_fixture_has_no_file_names(shoot: Path) -> None:
    """The file does not show whose photos these were."""
    assert run("export-fixture", shoot, "--out", "corrections.json") == 0
    text = Path("corrections.json").read_text("utf-8")
    for word in ("IMG_", "NEF", "ller", "Example One", str(shoot.parent)):
        assert word not in text


def test_default_name_is_that_of_the_folder(shoot: Path) -> None:
    """The file is written into the working folder, not among the photos."""
    assert run("export-fixture", shoot) == 0
    assert len(read_fixture(Path("Müller & Sohn-fixture.json")).photos) == 2
    assert not list(shoot.glob("*.json"))


def test_settings_are_applied_to_a_replay(shoot: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A setting that keeps the soft photo removes the harm; an invalid one is refused."""
    run("export-fixture", shoot, "--out", "f.json")
    capsys.readouterr()
    assert run("evaluate", "--fixture", "f.json", "--set", "defocus_trust=ignore", "--json", "-") == 0
    assert json.loads(capsys.readouterr().out)["harm"]["n"] == 0
    assert run("evaluate", "--fixture", "f.json", "--set", "focus_rejekt=1") == 2
    assert run("evaluate", "--fixture", "f.json", "--profile", "wedding") == 2
    assert run("evaluate", "--fixture", "f.json", "--profile", "sports") == 0


def test_no_corrections_write_no_file(shoot: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A folder where the user agrees, and one that was never culled, end with 1."""
    (shoot / "IMG_2.xmp").unlink()
    assert run("export-fixture", shoot, "--out", "f.json") == 1
    assert "no corrections" in capsys.readouterr().out
    (shoot / "IMG_3.NEF").write_bytes(b"changed since")
    assert run("export-fixture", shoot, "--out", "f.json") == 1
    assert "1 not measured as they are now" in capsys.readouterr().out
    assert not Path("f.json").exists()


def test_damaged_sidecar_is_named_and_the_others_count(
    shoot: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One bad file costs no other."""
    (shoot / "IMG_1.xmp").write_text("<x", "utf-8")
    assert run("export-fixture", shoot, "--out", "f.json") == 0
    captured = capsys.readouterr()
    assert "IMG_1.xmp" in captured.err
    assert "1 with a sidecar that cannot be read" in captured.out


@pytest.mark.parametrize(
    "words",
    [
        ("export-fixture", "nowhere"),
        ("export-fixture", ".", "--out", "photo.jpg"),
        ("evaluate",),
        ("evaluate", "eyes"),
        ("evaluate", "eyes", "--fixture", "f.json"),
        ("evaluate", "--fixture", "f.json", "--split", "dev"),
        ("evaluate", "--fixture", "none.json"),
    ],
)
def test_incompatible_options_are_refused(shoot: Path, words: tuple[str, ...]) -> None:
    """The exit code is 2."""
    run("export-fixture", shoot, "--out", "f.json")
    assert run(*words) == 2


def test_invalid_fixture_is_named(shoot: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 2, the problem and what to do; no traceback."""
    Path("f.json").write_text("{}", "utf-8")
    assert run("evaluate", "--fixture", "f.json") == 2
    output = capsys.readouterr().err
    assert "f.json is not a valid fixture" in output
    assert "Traceback" not in output


def test_other_networks_are_reported(shoot: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Old measurements judge settings and rules, not the present networks."""
    run("export-fixture", shoot, "--out", "f.json")
    capsys.readouterr()
    run("evaluate", "--fixture", "f.json")
    same = "Measured by other networks" in capsys.readouterr().err
    content = json.loads(Path("f.json").read_text("utf-8"))
    content["models"]["focus"] = "0"
    Path("f.json").write_text(json.dumps(content), "utf-8")
    run("evaluate", "--fixture", "f.json")
    assert not same
    assert "(focus)" in capsys.readouterr().err


def test_unwritable_target_is_named(shoot: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A missing folder is reported without a traceback."""
    assert run("export-fixture", shoot, "--out", "nowhere/f.json") == 2
    assert "There is no folder" in capsys.readouterr().err
