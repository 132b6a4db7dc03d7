"""`autocull evaluate`: tables for people, JSON for programs, and refusals by name."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from autocull.cli.evaluate import SUBJECTS, evaluate
from autocull.errors import ManifestError, SettingsError
from autocull.measure.eyes import EyesMember
from autocull.train.evaluation import LABELS

KEYS = {
    "n",
    "accuracy",
    "balanced_accuracy",
    "precision",
    "recall",
    "f1",
    "auc",
    "confusion",
    "per_label",
    "unreadable",
    "cannot_tell",
    "member",
    "models",
    "limits",
}


@pytest.fixture
def manifest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Three crops, one of them missing; the network answers by brightness."""

    def by_level(self: EyesMember, crops: Any) -> Any:
        return np.array([crop[0, 0, 0] / 255 for crop in crops])

    monkeypatch.setattr(EyesMember, "open_probability", by_level)
    monkeypatch.setattr(EyesMember, "version", "5")
    for name, level in (("a", 20), ("b", 200)):
        Image.new("L", (24, 24), level).save(tmp_path / f"{name}.png")
    file = tmp_path / "m.csv"
    file.write_text("path,label,split\na.png,closed,dev\nb.png,open,train\nc.png,open,dev\n", "utf-8")
    return file


def invoke(*words: str | Path) -> Any:
    """Run the command with these words."""
    return CliRunner().invoke(evaluate, [str(word) for word in words], catch_exceptions=False)


def test_the_json_holds_every_figure(manifest: Path, tmp_path: Path) -> None:
    """Paths are relative to the manifest; what could not be read is named; tables are printed beside."""
    result = invoke("eyes", "--manifest", manifest, "--json", tmp_path / "out.json")
    assert result.exit_code == 0
    figures = json.loads((tmp_path / "out.json").read_text("utf-8"))
    assert set(figures) >= KEYS
    assert (figures["n"], figures["accuracy"], figures["member"]) == (2, 1.0, "eyes")
    assert figures["unreadable"][0]["path"].endswith("c.png")
    assert "| all | 2 | 1.000 |" in result.stdout
    assert "| closed | 1 | 0 |" in result.stdout
    assert "c.png" in result.stdout


def test_the_json_may_go_to_the_standard_output(manifest: Path) -> None:
    """Then nothing else is there."""
    assert set(json.loads(invoke("eyes", "--manifest", manifest, "--json", "-").stdout)) >= KEYS


def test_settings_and_split_are_heard(manifest: Path) -> None:
    """One setting moves the answer; one split leaves the other out."""
    moved = invoke("eyes", "--manifest", manifest, "--json", "-", "--set", "eyes_open=0.9")
    assert json.loads(moved.stdout)["accuracy"] == 0.5
    train_only = invoke("eyes", "--manifest", manifest, "--json", "-", "--split", "train")
    assert json.loads(train_only.stdout)["n"] == 1


def test_what_is_wrong_is_named(manifest: Path, tmp_path: Path) -> None:
    """A label of another member, a split that is not there, an unknown setting or member."""
    with pytest.raises(ManifestError, match="'closed' is unknown"):
        invoke("category", "--manifest", manifest)
    dev = tmp_path / "dev.csv"
    dev.write_text("path,label,split\na.png,open,dev\n", "utf-8")
    with pytest.raises(ManifestError, match="no row has the split 'train'"):
        invoke("eyes", "--manifest", dev, "--split", "train")
    with pytest.raises(SettingsError, match="There is no setting eyes_opne"):
        invoke("eyes", "--manifest", manifest, "--set", "eyes_opne=1")
    assert invoke("nose", "--manifest", manifest).exit_code == 2
    assert invoke("eyes", "--manifest", tmp_path / "none.csv").exit_code == 2


def test_what_the_command_offers_can_be_evaluated() -> None:
    """The command's words are those of the evaluations."""
    assert set(SUBJECTS) == set(LABELS)


def test_a_manifest_that_is_wrong_is_a_wrong_command(
    manifest: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 2 and one sentence, as for a setting that is not known."""
    from autocull.cli import main

    assert main(["evaluate", "category", "--manifest", str(manifest)]) == 2
    assert "line 2: the label 'closed' is unknown" in capsys.readouterr().err
