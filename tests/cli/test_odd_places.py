"""Tests of `autocull cull` with the real reader, ensemble and workers, over everything a folder may hold."""

from __future__ import annotations

import json
import os
import sys
import unicodedata
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from autocull.cli import demo_shoot, main
from autocull.measure.ensemble import Ensemble
from autocull.measure.models import models_root
from autocull.read.reader import read_photo
from support.result_factories import load_result_schema


@pytest.fixture(scope="module")
def shoot(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a small shoot once; nothing changes it."""
    folder = tmp_path_factory.mktemp("demo") / "shoot"
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(demo_shoot, "_SIZE", 700)
        demo_shoot.make_shoot(folder)
    return folder


def cull(folder: Path, capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, dict[str, Any]]:
    """Cull a folder and return the records by file name; every one obeys the schema."""
    capsys.readouterr()
    store = folder.parent / "store.sqlite"
    assert main(["cull", str(folder), "--json", "-", "--store", str(store), "--workers", "1", *words]) == 0
    records = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    for record in records:
        jsonschema.validate(record, load_result_schema())
    return {Path(record["path"]).name: record for record in records}


def test_shoot_is_culled_with_the_shipped_models(shoot: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Every photo has evidence of every detector, the damaged one its error."""
    before = {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in shoot.iterdir()}
    records = cull(shoot, capsys)
    assert len(records) == 30
    damaged = records.pop("DEMO_0030_damaged.jpg")
    assert damaged["error"]["code"] == "damaged"
    detectors = set(Ensemble(models_root()).versions)
    assert all(set(record["models"]) == detectors for record in records.values())
    assert records["DEMO_0001_portrait.jpg"]["evidence"]["faces"]
    assert not records["DEMO_0011_grass.jpg"]["evidence"]["faces"]
    assert {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in shoot.iterdir()} == before
    again = cull(shoot, capsys)
    assert again.pop("DEMO_0030_damaged.jpg") == damaged
    assert again == records


def _copy_to(folder: Path, source: Path, *names: str) -> None:
    for name in names:
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(source.read_bytes())


@pytest.mark.skipif(os.name == "nt", reason="Windows has neither FIFOs nor such names")
def test_everything_in_a_folder_is_scored_or_named(
    shoot: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Folders, pipes, dangling links and unreadable files are named; odd names are scored."""
    folder = tmp_path / "odd"
    good = sorted(shoot.iterdir())[0]
    long = "/".join(["a" * 60] * 5)
    _copy_to(
        folder, good, "plain.jpg", "no suffix", "UPPER.JPEG", "-dash.jpg", "sp ace #%.jpg", "line\nbreak.jpg",
        "雪.jpg", unicodedata.normalize("NFC", "é.jpg"), unicodedata.normalize("NFD", "é.jpg"),
        f"{long}/deep.jpg",
    )  # fmt: skip
    if sys.platform == "linux":
        _copy_to(folder, good, os.fsdecode(b"byte \xff.jpg"))
    scored = {path.name for path in folder.rglob("*") if path.is_file()}
    (folder / "folder.jpg").mkdir()
    os.mkfifo(folder / "pipe.jpg")
    (folder / "dangling.jpg").symlink_to(folder / "nowhere.jpg")
    (folder / "empty.jpg").touch()
    (folder / "text.jpg").write_text("no photo")
    expected = {
        "folder.jpg": "not_a_file", "pipe.jpg": "not_a_file", "dangling.jpg": "missing", "empty.jpg": "empty",
        "text.jpg": "not_a_photo",
    }  # fmt: skip
    if os.geteuid() != 0:
        _copy_to(folder, good, "locked.jpg")
        (folder / "locked.jpg").chmod(0)
        expected["locked.jpg"] = "no_permission"
    records = cull(folder, capsys)
    errors = {name: record["error"]["code"] for name, record in records.items() if record["error"]}
    assert errors == expected
    assert {name for name, record in records.items() if not record["error"]} == scored


def test_no_connection_is_opened(
    shoot: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """With every connection refused, reading, measuring and judging work as before."""
    from autocull.pipeline.worker_main import make_measure

    def fail(*_: Any, **__: Any) -> Any:
        pytest.fail("a connection was tried")

    monkeypatch.setattr("socket.socket.connect", fail)
    monkeypatch.setattr("socket.create_connection", fail)
    monkeypatch.setattr("socket.getaddrinfo", fail)
    measure = make_measure(models_root())
    from autocull.read import Frame

    [portrait] = shoot.glob("*_portrait.jpg")
    assert measure(Frame(portrait)).outcome.kind == read_photo(portrait).kind  # type: ignore[union-attr]
    assert len(cull(shoot, capsys, "--report", str(tmp_path / "r.html"))) == 30
