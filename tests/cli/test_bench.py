"""`autocull bench`: the scoreboard on labelled photos, and programs that are missing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from autocull.cli import main
from autocull.cli.bench import bench
from autocull.pipeline.evidence_store import Measurement
from autocull.read import Frame
from autocull.train.peers.registry import PEERS
from support import evidence_builders as builders
from support.cull_run_fakes import FakeWorkers


@pytest.fixture
def manifest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Write a flat photo that is labelled as blurred, and a good one with texture."""

    def measure(frame: Frame) -> Measurement:
        is_soft = frame.path.stem == "soft"
        return Measurement(builders.evidence(focus=builders.focus(0.02 if is_soft else 0.97)))

    monkeypatch.setattr("autocull.train.verdicts.evaluation.Workers", lambda *_, **__: FakeWorkers(measure))
    noise = np.random.default_rng(1).integers(0, 255, (60, 80, 3)).astype(np.uint8)
    Image.fromarray(noise).save(tmp_path / "sharp.png")
    Image.new("RGB", (80, 60), (90, 90, 90)).save(tmp_path / "soft.png")
    file = tmp_path / "m.csv"
    file.write_text("path,kind,source\nsoft.png,blur,a\nsharp.png,macro,b\n", "utf-8")
    return file


def invoke(*arguments: str | Path) -> Any:
    """Run the command with these arguments."""
    return CliRunner().invoke(bench, [str(argument) for argument in arguments], catch_exceptions=False)


def test_scoreboard_is_printed_and_written(manifest: Path, tmp_path: Path) -> None:
    """A program that needs no package."""
    result = invoke("--manifest", manifest, "--against", "laplacian", "--json", tmp_path / "o.json")
    assert "| blur | laplacian | 100.0% (1; 20.7%-100.0%) | 0.0% (0; 0.0%-79.3%) |" in result.stdout
    assert "| blur | Autocull, rejected or doubted | 100.0% (1; 20.7%-100.0%)" in result.stdout
    stored = json.loads((tmp_path / "o.json").read_text("utf-8"))
    assert set(stored["versions"]) == {"Autocull", "laplacian"}
    assert (
        json.loads(invoke("--manifest", manifest, "--against", "laplacian", "--json", "-").stdout) == stored
    )


def test_rows_are_selected(manifest: Path) -> None:
    """By source."""
    arguments = ("--manifest", manifest, "--against", "laplacian", "--source", "b", "--sample", "1")
    assert "| blur |" not in invoke(*arguments).stdout


def test_missing_program_is_a_wrong_command(
    manifest: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Before anything is measured; the message has the command that installs it."""
    monkeypatch.setitem(__import__("sys").modules, "cleanvision", None)
    assert main(["bench", "--manifest", str(manifest), "--against", "laplacian,cleanvision"]) == 2
    assert "Install it: pip install cleanvision" in capsys.readouterr().err


def test_help_names_every_program() -> None:
    """So that none is hidden."""
    (option,) = [each for each in bench.params if each.name == "against"]
    assert all(name in str(getattr(option, "help", "")) for name in PEERS)
