"""`autocull learn`: a taste that acts, or a message why it does not."""

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
from autocull.serve.learnings.model import parse_progress
from autocull.taste.profile_store import ProfileStore
from support.evidence_builders import evidence, exposure, focus, make_embedding
from support.taste_factories import fit_least_squares

PHOTOS, SHOOTS = 480, 12


@pytest.fixture(autouse=True)
def use_test_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Use a store and tastes in the test's folder, and train linear heads."""
    monkeypatch.setenv("AUTOCULL_STORE", str(tmp_path / "store.sqlite"))
    monkeypatch.setenv("AUTOCULL_TASTES", str(tmp_path / "tastes"))
    monkeypatch.setattr("autocull.learn.fit_heads", fit_least_squares)


def make_history(folder: Path, *, photos: int = PHOTOS, taste: bool = True) -> Path:
    """Make files, measurements in the store, and decisions that prefer dark photos, or random ones."""
    rng = np.random.default_rng(2)
    models, lines = versions(models_root()), []
    folder.mkdir()
    with closing(EvidenceStore(folder.parent / "store.sqlite", print)) as store:
        for number in range(photos):
            path = folder / f"IMG_{number:04}.NEF"
            path.write_bytes(b"raw")
            median = float(rng.uniform(0.05, 0.7))
            taken = f"2024-05-{1 + number * SHOOTS // photos:02}T{10 + number % 8}:{number // 8 % 60:02}:00"
            photo_evidence = evidence(
                exposure=exposure(median=median), focus=focus(float(rng.uniform(0.5, 1))), models=models,
                capture=Capture(taken=taken, taken_from="exif"), likeness=make_embedding(number),
            )  # fmt: skip
            identity = identify(Frame(path), models)
            assert identity is not None
            store.put(path, identity, Measurement(photo_evidence))
            selected = median + rng.normal(0, 0.1) < 0.25 if taste else rng.random() < 0.3
            lines.append({"path": str(path), "shoot": None, "decision": "select" if selected else "reject"})
    file = folder.parent / "decisions.jsonl"
    file.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    return file


def run_learn(capsys: pytest.CaptureFixture[str], *words: str | Path) -> tuple[int, dict[str, Any]]:
    """Run `autocull learn --json` and return the exit code and the result."""
    code = main(["learn", *map(str, words), "--json"])
    output = capsys.readouterr().out
    assert output.count("\n") == 1
    return code, json.loads(output)


def test_taste_is_learned_and_saved(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The result has state, message, harm bound and metrics; the profile is in the folder by its name."""
    code, result = run_learn(capsys, "--decisions", make_history(tmp_path / "shoot"), "--name", "Low key")
    assert (code, result["state"], result["profile"], result["acts"]) == (0, "learned", "Low key", True)
    assert "so it acts" in result["message"]
    assert result["promise"] in result["message"]
    assert result["promised"]["confidence"] == 0.9
    assert result["promised"]["share"] == 0.02
    assert result["figures"]["lead_low"] > 0
    saved = ProfileStore(tmp_path / "tastes").load("Low key")
    assert saved.origin.decisions == PHOTOS
    assert saved.origin.shoots == SHOOTS
    dark = saved.predict(evidence(exposure=exposure(median=0.1)), None, 0.02).probability
    assert dark > saved.predict(evidence(exposure=exposure(median=0.6)), None, 0.02).probability + 0.5


def test_random_decisions_give_a_taste_that_does_not_act(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is saved; the message explains why it does not act."""
    code, result = run_learn(capsys, "--decisions", make_history(tmp_path / "shoot", taste=False))
    assert (code, result["acts"]) == (0, False)
    assert "not reliably better than Autocull without it" in result["message"]


def test_too_few_decisions_are_reported(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 1, state "nothing_learned", and nothing is saved."""
    code, result = run_learn(capsys, "--decisions", make_history(tmp_path / "shoot", photos=150))
    assert (code, result["state"], result["promise"]) == (1, "nothing_learned", None)
    assert "there are only 150 decisions" in result["message"]
    assert ProfileStore(tmp_path / "tastes").list_names() == []


def test_unreadable_photos_are_counted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A missing file and a damaged one are left out."""
    file = make_history(tmp_path / "shoot")
    (tmp_path / "shoot" / "IMG_0000.NEF").unlink()
    damaged = tmp_path / "shoot" / "IMG_0001.NEF"
    identity = identify(Frame(damaged), versions(models_root()))
    assert identity is not None
    with closing(EvidenceStore(tmp_path / "store.sqlite", print)) as store:
        error = PhotoError(damaged, "It is damaged.", code="damaged")
        store.put(damaged, identity, Measurement(error))
    code, result = run_learn(capsys, "--decisions", file)
    assert code == 0
    assert result["left_out"] == {"cannot be read": 2}


def test_text_output_has_message_and_next_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Without --json: the message, and the command that uses the taste."""
    assert main(["learn", "--decisions", str(make_history(tmp_path / "shoot"))]) == 0
    output = capsys.readouterr().out
    assert "mine was learned from 480 decisions" in output
    assert "autocull cull --taste mine" in output


def test_progress_as_json_is_read_by_the_daemon(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Standard error has the numbers of measured and of all photos."""
    assert main(["learn", "--decisions", str(make_history(tmp_path / "shoot")), "--progress", "json"]) == 0
    progress = [parse_progress(line) for line in capsys.readouterr().err.splitlines()]
    assert (progress[0], progress[-1]) == ((0, PHOTOS), (PHOTOS, PHOTOS))


def test_taste_decides_in_a_cull(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Each photo's line has its probability; photos with a high one are picked."""
    file = make_history(tmp_path / "shoot")
    assert main(["learn", "--decisions", str(file), "--name", "dark"]) == 0
    capsys.readouterr()
    assert main(["cull", str(tmp_path / "shoot"), "--taste", "dark", "--json", "-"]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert len(lines) == PHOTOS
    assert {(line["select"]["profile"], line["select"]["acts"]) for line in lines} == {("dark", True)}
    picked = [line for line in lines if line["select"]["probability"] >= 0.9]
    assert picked
    assert all(line["verdict"] == "keep" and line["flag"] == 1 for line in picked)


def test_taste_that_does_not_act_gives_a_notice(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An unknown taste is refused."""
    assert main(["learn", "--decisions", str(make_history(tmp_path / "shoot", taste=False))]) == 0
    assert main(["cull", str(tmp_path / "shoot"), "--taste", "mine"]) == 0
    assert (
        "mine is not reliably better than the ensemble alone: it decides nothing" in capsys.readouterr().err
    )
    assert main(["cull", str(tmp_path / "shoot"), "--taste", "other"]) == 2
    assert "There is no taste called 'other'" in capsys.readouterr().err


@pytest.mark.parametrize(("words", "message"), [
    ([], "Give exactly one source of decisions"),
    (["--decisions", "gone.jsonl"], "cannot be read"),
    (["--decisions", "gone.jsonl", "--name", "../x"], "cannot be the name"),
    (["--decisions", "gone.jsonl", "--set", "select_loss=2"], "select_loss"),
])  # fmt: skip
def test_wrong_options_are_refused(
    words: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 2, with the reason."""
    assert main(["learn", *words]) == 2
    assert message in capsys.readouterr().err
