"""`autocull evaluate`: printed tables, JSON, and messages for invalid options."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from autocull.cli.evaluate import SUBJECTS, evaluate
from autocull.errors import ManifestError, SettingsError
from autocull.measure.defects import DefectDetector
from autocull.measure.eyes import EyeDetector
from autocull.read.photo import Photo
from autocull.train.data.label_vocabulary import LABELS
from autocull.vocabulary import DEFECTS

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
    """Write three crops, one of them missing; the fake network predicts by brightness."""

    def by_level(self: EyeDetector, crops: Any) -> Any:
        return np.array([crop[0, 0, 0] / 255 for crop in crops])

    monkeypatch.setattr(EyeDetector, "open_probability", by_level)
    monkeypatch.setattr(EyeDetector, "version", "5")
    for name, level in (("a", 20), ("b", 200)):
        Image.new("L", (24, 24), level).save(tmp_path / f"{name}.png")
    file = tmp_path / "m.csv"
    file.write_text("path,label,split\na.png,closed,dev\nb.png,open,train\nc.png,open,dev\n", "utf-8")
    return file


def invoke(*arguments: str | Path) -> Any:
    """Run the command with these arguments."""
    return CliRunner().invoke(evaluate, [str(argument) for argument in arguments], catch_exceptions=False)


def test_json_has_every_metric(manifest: Path, tmp_path: Path) -> None:
    """Paths are relative to the manifest, unreadable files are listed, tables are printed too."""
    result = invoke("eyes", "--manifest", manifest, "--json", tmp_path / "out.json")
    assert result.exit_code == 0
    metrics = json.loads((tmp_path / "out.json").read_text("utf-8"))
    assert set(metrics) >= KEYS
    assert (metrics["n"], metrics["accuracy"], metrics["member"]) == (2, 1.0, "eyes")
    assert metrics["unreadable"][0]["path"].endswith("c.png")
    assert "| all | 2 | 1.000 |" in result.stdout
    assert "| closed | 1 | 0 |" in result.stdout
    assert "c.png" in result.stdout


def test_json_on_stdout(manifest: Path) -> None:
    """Nothing else is printed then."""
    assert set(json.loads(invoke("eyes", "--manifest", manifest, "--json", "-").stdout)) >= KEYS


def test_settings_and_split_apply(manifest: Path) -> None:
    """A setting changes the predictions; a split leaves out the other rows."""
    changed = invoke("eyes", "--manifest", manifest, "--json", "-", "--set", "eyes_open=0.9")
    assert json.loads(changed.stdout)["accuracy"] == 0.5
    train_only = invoke("eyes", "--manifest", manifest, "--json", "-", "--split", "train")
    assert json.loads(train_only.stdout)["n"] == 1


@pytest.fixture
def sources(manifest: Path) -> Path:
    """Write the same crops with source and glasses, and one more that is predicted wrongly."""
    Image.new("L", (24, 24), 230).save(manifest.parent / "d.png")
    lines = ["a.png,closed,web,yes,anna", "b.png,open,film,no,bert", "d.png,closed,film,no,carl"]
    file = manifest.parent / "sources.csv"
    file.write_text("path,label,source,glasses,subject\n" + "\n".join(lines) + "\n", "utf-8")
    return file


def test_rows_are_selected_by_source_and_training_manifest(sources: Path, manifest: Path) -> None:
    """One source alone, or without the people in another manifest's train rows."""

    def count(*arguments: str | Path) -> int:
        return int(json.loads(invoke("eyes", "--manifest", sources, "--json", "-", *arguments).stdout)["n"])

    assert (count(), count("--source", "film"), count("--source", "film", "--source", "web")) == (3, 2, 3)
    trained = manifest.parent / "trained.csv"
    trained.write_text("path,label,split,subject\nx.png,open,train,bert\ny.png,open,dev,anna\n", "utf-8")
    assert count("--not-in", trained) == 2
    with pytest.raises(ManifestError, match="no row has the split 'dev' and the source 'film' or 'books'"):
        count("--split", "dev", "--source", "film", "--source", "books")


def test_groups_are_compared(sources: Path, tmp_path: Path) -> None:
    """In the table and in the JSON; an unknown column is refused before anything is measured."""
    result = invoke("eyes", "--manifest", sources, "--by", "glasses", "--json", tmp_path / "out.json")
    grouped = json.loads((tmp_path / "out.json").read_text("utf-8"))["by"]
    assert {name: group["n"] for name, group in grouped["groups"].items()} == {"yes": 1, "no": 2}
    assert "| no | 2 | 50.0% (1/2, 9.5%-90.5%) |" in result.stdout
    assert "right: yes is 50.0 points" in result.stdout
    assert "maybe chance" in result.stdout
    with pytest.raises(ManifestError, match="eyes cannot be grouped by 'age'"):
        invoke("eyes", "--manifest", sources, "--by", "age")


def test_failures_are_saved(sources: Path, tmp_path: Path) -> None:
    """Their number is printed, picture and table are written; a folder with files is refused at once."""
    result = invoke("eyes", "--manifest", sources, "--failures", tmp_path / "failures")
    assert "1 failures are listed" in result.stderr
    assert {path.name for path in (tmp_path / "failures").iterdir()} == {"failures.png", "failures.csv"}
    with pytest.raises(ManifestError, match="is not empty"):
        invoke("eyes", "--manifest", sources, "--failures", tmp_path / "failures")


def test_incompatible_options_are_refused(sources: Path) -> None:
    """--good needs defects; a fixture has no rows to select."""
    assert "--good applies to defects" in invoke("eyes", "--manifest", sources, "--good", sources).stderr
    assert "--fixture takes no other options" in invoke("--fixture", sources, "--by", "source").stderr


def test_good_photos_from_another_manifest(
    sources: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They replace the manifest's own."""
    monkeypatch.setattr(
        DefectDetector, "measure", lambda self, photo: dict.fromkeys(DEFECTS, photo.width / 1000)
    )
    monkeypatch.setattr(DefectDetector, "version", "5")
    for name, width in (("noisy", 900), ("clean", 950), ("good", 50)):
        Image.new("RGB", (width, 60), (width % 256, 9, 9)).save(tmp_path / f"{name}.png")
    bad, good = tmp_path / "bad.csv", tmp_path / "good.csv"
    bad.write_text("path,label\nnoisy.png,noisy\nclean.png,clean\n", "utf-8")
    good.write_text("path,split\ngood.png,dev\n", "utf-8")

    def area(*arguments: str | Path) -> float:
        return float(
            json.loads(invoke("defects", "--manifest", bad, "--json", "-", *arguments).stdout)["auc"]
        )

    assert (area(), area("--good", good)) == (0.0, 1.0)


def test_good_photos_are_also_evaluated_with_corruptions(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each photo gives eight samples, a pair with every defect; the manifest needs no labels."""

    def by_level(self: DefectDetector, photo: Photo) -> dict[str, float]:
        return {**dict.fromkeys(DEFECTS, 0.5), "too_dark": 1 - float(photo.working.mean()) / 255}

    monkeypatch.setattr(DefectDetector, "measure", by_level)
    monkeypatch.setattr(DefectDetector, "version", "5")
    for name in ("a", "b"):
        Image.effect_noise((60, 40), 40).convert("RGB").save(tmp_path / f"{name}.png")
    file = tmp_path / "good.csv"
    file.write_text("path,split\na.png,dev\nb.png,dev\n", "utf-8")
    result = invoke("defects", "--manifest", file, "--made", "--json", tmp_path / "out.json")
    metrics = json.loads((tmp_path / "out.json").read_text("utf-8"))
    assert metrics["n"] == 16
    assert set(metrics["per_label"]) == set(DEFECTS)
    assert metrics["per_label"]["too_dark"]["auc"] == 1.0
    assert metrics["pairs"]["too_dark"] == {"n": 2, "right": 2}
    assert metrics["pairs"]["noise"] == {"n": 2, "right": 0}
    assert "too_dark: 2 of 2 pairs ranked correctly, 95 % 0.342-1.000" in result.stdout
    for other_arguments in (
        ("eyes",),
        ("defects", "--good", file),
        ("defects", "--failures", tmp_path / "new"),
    ):
        assert "--made applies to defects" in invoke(*other_arguments, "--manifest", file, "--made").stderr


def test_invalid_input_is_named(manifest: Path, tmp_path: Path) -> None:
    """A label of another member, a missing split, an unknown setting or member."""
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


def test_every_offered_member_can_be_evaluated() -> None:
    """Each has labels, except series, which has groups, and verdicts, which have kinds."""
    assert set(SUBJECTS) == {*LABELS, "series", "verdicts"}


def test_invalid_manifest_exits_with_code_2(manifest: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With one sentence, as for an unknown setting."""
    from autocull.cli import main

    assert main(["evaluate", "category", "--manifest", str(manifest)]) == 2
    assert "line 2: the label 'closed' is unknown" in capsys.readouterr().err


def test_fixture_can_be_evaluated_without_the_training_extra() -> None:
    """What judges and prints a fixture imports nothing of the extra "train"."""
    blocked = ("keras", "keras_tuner", "matplotlib", "scipy", "sklearn", "tensorflow")
    code = (
        f"import sys; sys.modules.update(dict.fromkeys({blocked}))\n"
        "import autocull.cli.evaluation_tables, autocull.fixtures.replay, autocull.train.reports.tables"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
