"""`autocull evaluate verdicts`: tables, JSON, the picture of curves, and options that are refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from PIL import Image

from autocull.cli.evaluate import evaluate
from autocull.errors import ManifestError
from autocull.measure.evidence import Evidence
from autocull.pipeline.evidence_store import Measurement
from autocull.read import Frame
from support import evidence_builders as builders
from support.cull_run_fakes import FakeWorkers
from support.labelled_photos import dark_evidence


def measure_by_name(frame: Frame) -> Measurement:
    """Measure what the file's name states."""
    evidence: Evidence = dark_evidence(0.99) if "dark" in frame.path.name else builders.evidence()
    return Measurement(evidence)


@pytest.fixture
def manifest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Write a dark photo that is faulty, one that is good, and a good light one of the other split."""
    monkeypatch.setattr(
        "autocull.train.verdicts.evaluation.Workers", lambda *_, **__: FakeWorkers(measure_by_name)
    )
    for name in ("dark1", "dark2", "light"):
        Image.new("RGB", (64, 48)).save(tmp_path / f"{name}.jpg")
    file = tmp_path / "m.csv"
    file.write_text(
        "path,label,kind,source,split\ndark1.jpg,faulty,dark,web,dev\n"
        "dark2.jpg,good,night,film,dev\nlight.jpg,good,high_key,film,train\n",
        "utf-8",
    )
    return file


def invoke(*arguments: str | Path) -> Any:
    """Run the command on verdicts with these arguments."""
    words = ["verdicts", *map(str, arguments)]
    return CliRunner().invoke(evaluate, words, catch_exceptions=False)


def test_tables_by_kind_and_source(manifest: Path) -> None:
    """Faults found and good photos rejected, with counts and intervals."""
    lines = invoke("--manifest", manifest).stdout.splitlines()
    assert "| dark | web | 1 | 100.0% (1; 20.7%-100.0%) | 0.0% (0; 0.0%-79.3%) |" in "\n".join(lines)
    assert "| night | all | 1 | 100.0% (1; 20.7%-100.0%) | 0.0% (0; 0.0%-79.3%) |" in lines
    assert "| all | film | 2 | 50.0% (1; 9.5%-90.5%) | 0.0% (0; 0.0%-65.8%) |" in lines
    assert "| all | all | 2 | 50.0% (1; 9.5%-90.5%) | 0.0% (0; 0.0%-65.8%) |" in lines


def test_json_and_picture_are_written(manifest: Path, tmp_path: Path) -> None:
    """The limit at the target of harm is in the JSON; without --curve there are no curves."""
    invoke(
        "--manifest", manifest, "--curve", tmp_path / "c.svg", "--harm", "0.5", "--json", tmp_path / "o.json"
    )
    stored = json.loads((tmp_path / "o.json").read_text("utf-8"))
    assert [curve["setting"] for curve in stored["curves"]] == ["dark_reject"]
    assert stored["curves"][0]["target"] == 0.5
    assert (tmp_path / "c.svg").read_text("utf-8").startswith("<svg")
    assert "dark_reject" in invoke("--manifest", manifest, "--harm", "0.5").stdout
    assert json.loads(invoke("--manifest", manifest, "--json", "-").stdout)["curves"] == []


def test_rows_are_selected_and_sampled(manifest: Path, tmp_path: Path) -> None:
    """By split and source; further manifests add photos."""

    def count(*arguments: str | Path) -> int:
        return int(json.loads(invoke("--manifest", manifest, "--json", "-", *arguments).stdout)["n"])

    assert (count(), count("--split", "dev"), count("--source", "film", "--sample", "1")) == (3, 2, 2)
    Image.new("RGB", (64, 48)).save(tmp_path / "more.jpg")
    more = tmp_path / "more.csv"
    more.write_text("path,kind\nmore.jpg,blur\n", "utf-8")
    assert count("--manifest", more) == 4
    with pytest.raises(ManifestError, match="no row has the source 'books'"):
        invoke("--manifest", manifest, "--source", "books")


def test_settings_apply(manifest: Path) -> None:
    """A criterion that may only doubt rejects nothing."""
    stored = json.loads(invoke("--manifest", manifest, "--json", "-", "--set", "dark_trust=doubt").stdout)
    assert {photo["verdict"] for photo in stored["photos"]} == {"keep", "cannot_tell"}


def test_incompatible_options_are_refused(manifest: Path, tmp_path: Path) -> None:
    """Those of detectors for verdicts, those of verdicts for detectors, and pictures of another type."""
    assert "do not apply to verdicts" in invoke("--manifest", manifest, "--by", "source").stderr
    assert "does not end in .svg" in invoke("--manifest", manifest, "--curve", tmp_path / "c.jpg").stderr
    assert "neither a long side" in invoke("--manifest", manifest, "--sizes", "tiny").stderr
    for arguments in (("--sizes", "500"), ("--manifest", str(manifest)), ("--workers", "2")):
        words = ["eyes", "--manifest", str(manifest), *arguments]
        assert "apply to verdicts only" in CliRunner().invoke(evaluate, words).stderr
