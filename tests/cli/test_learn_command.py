"""`autocull learn`: from decisions to a profile that acts, or a clear message why not."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autocull.cli import main
from autocull.errors import PhotoError
from autocull.measure.models import models_root, versions
from autocull.pipeline.evidence_store import EvidenceStore, Measurement, identify
from autocull.read import Frame
from autocull.read.photo import Capture
from autocull.taste.profile_store import ProfileStore
from support.evidence_builders import evidence, exposure, focus, likeness
from support.taste_factories import fit_least_squares

PHOTOS, SHOOTS = 480, 12


@pytest.fixture(autouse=True)
def own_places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep store and tastes in the test's folder, and train without TensorFlow."""
    monkeypatch.setenv("AUTOCULL_STORE", str(tmp_path / "store.sqlite"))
    monkeypatch.setenv("AUTOCULL_TASTES", str(tmp_path / "tastes"))
    monkeypatch.setattr("autocull.learn.fit_process.fit_in_subprocess", fit_least_squares)


def history(folder: Path, *, photos: int = PHOTOS, taste: bool = True) -> Path:
    """Make files, their measurements in the store, and decisions of one who likes it dark, or of chance."""
    rng = np.random.default_rng(2)
    installed, lines = versions(models_root()), []
    folder.mkdir()
    with closing(EvidenceStore(folder.parent / "store.sqlite", print)) as store:
        for number in range(photos):
            path = folder / f"IMG_{number:04}.NEF"
            path.write_bytes(b"raw")
            median = float(rng.uniform(0.05, 0.7))
            when = f"2024-05-{1 + number * SHOOTS // photos:02}T{10 + number % 8}:{number // 8 % 60:02}:00"
            seen = evidence(
                exposure=exposure(median=median), focus=focus(float(rng.uniform(0.5, 1))), models=installed,
                capture=Capture(taken=when, taken_from="exif"), likeness=likeness(number),
            )  # fmt: skip
            identity = identify(Frame(path), installed)
            assert identity is not None
            store.put(path, identity, Measurement(seen))
            likes = median + rng.normal(0, 0.1) < 0.25 if taste else rng.random() < 0.3
            lines.append({"path": str(path), "shoot": None, "decision": "select" if likes else "reject"})
    file = folder.parent / "decisions.jsonl"
    file.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    return file


def learned(capsys: pytest.CaptureFixture[str], *words: str | Path) -> tuple[int, dict[str, Any]]:
    """Run `autocull learn --json` and return the exit code and what it answered."""
    code = main(["learn", *map(str, words), "--json"])
    said = capsys.readouterr().out
    assert said.count("\n") == 1
    return code, json.loads(said)


def test_a_taste_is_learned_and_kept(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One object with state, message, promise and figures; the profile lies in the folder, by its name."""
    code, said = learned(capsys, "--decisions", history(tmp_path / "shoot"), "--name", "Low key")
    assert (code, said["state"], said["profile"], said["acts"]) == (0, "learned", "Low key", True)
    assert "so it acts" in said["message"]
    assert said["promise"] in said["message"]
    assert said["promised"]["confidence"] == 0.9
    assert said["promised"]["share"] == 0.02
    assert said["figures"]["lead_low"] > 0
    kept = ProfileStore(tmp_path / "tastes").load("Low key")
    assert kept.origin.decisions == PHOTOS
    assert kept.origin.shoots == SHOOTS
    dark = kept.predict(evidence(exposure=exposure(median=0.1)), None, 0.02).probability
    assert dark > kept.predict(evidence(exposure=exposure(median=0.6)), None, 0.02).probability + 0.5


def test_chance_is_not_a_taste(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It is kept, and shows its probability, but does not act; the message says why."""
    code, said = learned(capsys, "--decisions", history(tmp_path / "shoot", taste=False))
    assert (code, said["acts"]) == (0, False)
    assert "not surely better than the plain ensemble" in said["message"]


def test_too_little_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 1, the state says it, nothing is kept."""
    code, said = learned(capsys, "--decisions", history(tmp_path / "shoot", photos=150))
    assert (code, said["state"], said["promise"]) == (1, "nothing_learned", None)
    assert "there are 150 decisions" in said["message"]
    assert ProfileStore(tmp_path / "tastes").list_names() == []


def test_photos_that_cannot_be_read_are_counted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A missing file and a damaged one are left out; where too few remain, that is said."""
    file = history(tmp_path / "shoot")
    (tmp_path / "shoot" / "IMG_0000.NEF").unlink()
    damaged = tmp_path / "shoot" / "IMG_0001.NEF"
    identity = identify(Frame(damaged), versions(models_root()))
    assert identity is not None
    with closing(EvidenceStore(tmp_path / "store.sqlite", print)) as store:
        error = PhotoError(damaged, "It is damaged.", code="damaged")
        store.put(damaged, identity, Measurement(error))
    code, said = learned(capsys, "--decisions", file)
    assert code == 0
    assert said["left_out"] == {"cannot be read": 2}


def test_words_for_people(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Without --json: the message, and how to use it."""
    assert main(["learn", "--decisions", str(history(tmp_path / "shoot"))]) == 0
    said = capsys.readouterr().out
    assert "mine was learned from 480 decisions" in said
    assert "autocull cull --taste mine" in said


def test_a_taste_decides_in_a_culling_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Learned, named, heard: each photo's line has its probability, and where it acts its reasons."""
    file = history(tmp_path / "shoot")
    assert main(["learn", "--decisions", str(file), "--name", "dark"]) == 0
    capsys.readouterr()
    assert main(["cull", str(tmp_path / "shoot"), "--taste", "dark", "--json", "-"]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert len(lines) == PHOTOS
    assert {(line["select"]["profile"], line["select"]["acts"]) for line in lines} == {("dark", True)}
    picked = [line for line in lines if line["select"]["probability"] >= 0.9]
    assert picked
    assert all(line["verdict"] == "keep" and line["flag"] == 1 for line in picked)


def test_a_taste_that_only_shows_is_announced(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The run says that it decides nothing; an unknown one is refused."""
    assert main(["learn", "--decisions", str(history(tmp_path / "shoot", taste=False))]) == 0
    assert main(["cull", str(tmp_path / "shoot"), "--taste", "mine"]) == 0
    assert "mine was not surely better than the plain ensemble: it only shows" in capsys.readouterr().err
    assert main(["cull", str(tmp_path / "shoot"), "--taste", "other"]) == 2
    assert "There is no taste called 'other'" in capsys.readouterr().err


@pytest.mark.parametrize(("words", "meant"), [
    ([], "Say where your decisions are"),
    (["--decisions", "gone.jsonl"], "cannot be read"),
    (["--decisions", "gone.jsonl", "--name", "../x"], "cannot be the name"),
    (["--decisions", "gone.jsonl", "--set", "select_loss=2"], "select_loss"),
])  # fmt: skip
def test_a_wrong_command_is_refused(words: list[str], meant: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 2, and the reason."""
    assert main(["learn", *words]) == 2
    assert meant in capsys.readouterr().err
