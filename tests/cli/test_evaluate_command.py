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
    """Three crops, one of them missing; the network answers by brightness."""

    def by_level(self: EyeDetector, crops: Any) -> Any:
        return np.array([crop[0, 0, 0] / 255 for crop in crops])

    monkeypatch.setattr(EyeDetector, "open_probability", by_level)
    monkeypatch.setattr(EyeDetector, "version", "5")
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


@pytest.fixture
def sources(manifest: Path) -> Path:
    """The same crops by source and glasses, and one that is taken for open."""
    Image.new("L", (24, 24), 230).save(manifest.parent / "d.png")
    lines = ["a.png,closed,web,yes,anna", "b.png,open,film,no,bert", "d.png,closed,film,no,carl"]
    file = manifest.parent / "sources.csv"
    file.write_text("path,label,source,glasses,subject\n" + "\n".join(lines) + "\n", "utf-8")
    return file


def test_rows_are_chosen_by_source_and_by_what_was_trained_on(sources: Path, manifest: Path) -> None:
    """One source alone; and without the people of another manifest's train rows."""

    def count(*words: str | Path) -> int:
        return int(json.loads(invoke("eyes", "--manifest", sources, "--json", "-", *words).stdout)["n"])

    assert (count(), count("--source", "film"), count("--source", "film", "--source", "web")) == (3, 2, 3)
    trained = manifest.parent / "trained.csv"
    trained.write_text("path,label,split,subject\nx.png,open,train,bert\ny.png,open,dev,anna\n", "utf-8")
    assert count("--not-in", trained) == 2
    with pytest.raises(ManifestError, match="no row has the split 'dev' and the source 'film' or 'books'"):
        count("--split", "dev", "--source", "film", "--source", "books")


def test_groups_are_counted_and_told(sources: Path, tmp_path: Path) -> None:
    """In the table and in the JSON; a column that is not there is named before anything is measured."""
    result = invoke("eyes", "--manifest", sources, "--by", "glasses", "--json", tmp_path / "out.json")
    grouped = json.loads((tmp_path / "out.json").read_text("utf-8"))["by"]
    assert {name: own["n"] for name, own in grouped["groups"].items()} == {"yes": 1, "no": 2}
    assert "| no | 2 | 50.0% (1/2, 9.5%-90.5%) |" in result.stdout
    assert "right: yes is 50.0 points" in result.stdout
    assert "maybe chance" in result.stdout
    with pytest.raises(ManifestError, match="eyes cannot be grouped by 'age'"):
        invoke("eyes", "--manifest", sources, "--by", "age")


def test_failures_are_drawn_where_asked(sources: Path, tmp_path: Path) -> None:
    """The count is said, the picture and the table are in the folder; a folder in use is refused at once."""
    result = invoke("eyes", "--manifest", sources, "--failures", tmp_path / "failures")
    assert "1 failures are named" in result.stderr
    assert {path.name for path in (tmp_path / "failures").iterdir()} == {"failures.png", "failures.csv"}
    with pytest.raises(ManifestError, match="holds something already"):
        invoke("eyes", "--manifest", sources, "--failures", tmp_path / "failures")


def test_options_that_do_not_go_together_are_refused(sources: Path) -> None:
    """Good photos are for defects; a fixture has no rows to choose from."""
    assert "--good is for defects" in invoke("eyes", "--manifest", sources, "--good", sources).stderr
    assert "--fixture stands alone" in invoke("--fixture", sources, "--by", "source").stderr


def test_good_photos_may_come_from_another_manifest(
    sources: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In place of the manifest's own."""
    monkeypatch.setattr(
        DefectDetector, "measure", lambda self, photo: dict.fromkeys(DEFECTS, photo.width / 1000)
    )
    monkeypatch.setattr(DefectDetector, "version", "5")
    for name, width in (("noisy", 900), ("clean", 950), ("good", 50)):
        Image.new("RGB", (width, 60), (width % 256, 9, 9)).save(tmp_path / f"{name}.png")
    bad, good = tmp_path / "bad.csv", tmp_path / "good.csv"
    bad.write_text("path,label\nnoisy.png,noisy\nclean.png,clean\n", "utf-8")
    good.write_text("path,split\ngood.png,dev\n", "utf-8")

    def area(*words: str | Path) -> float:
        return float(json.loads(invoke("defects", "--manifest", bad, "--json", "-", *words).stdout)["auc"])

    assert (area(), area("--good", good)) == (0.0, 1.0)


def test_faults_may_be_made_of_good_photos(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of each photo eight are judged, a pair with every fault; the manifest needs no labels."""

    def by_level(self: DefectDetector, photo: Photo) -> dict[str, float]:
        return {**dict.fromkeys(DEFECTS, 0.5), "too_dark": 1 - float(photo.working.mean()) / 255}

    monkeypatch.setattr(DefectDetector, "measure", by_level)
    monkeypatch.setattr(DefectDetector, "version", "5")
    for name in ("a", "b"):
        Image.effect_noise((60, 40), 40).convert("RGB").save(tmp_path / f"{name}.png")
    file = tmp_path / "good.csv"
    file.write_text("path,split\na.png,dev\nb.png,dev\n", "utf-8")
    result = invoke("defects", "--manifest", file, "--made", "--json", tmp_path / "out.json")
    figures = json.loads((tmp_path / "out.json").read_text("utf-8"))
    assert figures["n"] == 16
    assert set(figures["per_label"]) == set(DEFECTS)
    assert figures["per_label"]["too_dark"]["auc"] == 1.0
    assert figures["pairs"]["too_dark"] == {"n": 2, "right": 2}
    assert figures["pairs"]["noise"] == {"n": 2, "right": 0}
    assert "too_dark: 2 of 2 pairs told apart, 95 % 0.342-1.000" in result.stdout
    for others in (("eyes",), ("defects", "--good", file), ("defects", "--failures", tmp_path / "new")):
        assert "--made is for defects" in invoke(*others, "--manifest", file, "--made").stderr


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
    """The command's words are those of the evaluations; series have groups in place of labels."""
    assert set(SUBJECTS) == {*LABELS, "series"}


def test_a_manifest_that_is_wrong_is_a_wrong_command(
    manifest: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 2 and one sentence, as for a setting that is not known."""
    from autocull.cli import main

    assert main(["evaluate", "category", "--manifest", str(manifest)]) == 2
    assert "line 2: the label 'closed' is unknown" in capsys.readouterr().err
