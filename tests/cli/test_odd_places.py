"""`autocull cull` with the real reader, ensemble and workers, over everything that a folder may hold."""

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
    """Make a small shoot once; nothing alters it."""
    folder = tmp_path_factory.mktemp("demo") / "shoot"
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(demo_shoot, "_SIZE", 700)
        demo_shoot.make_shoot(folder)
    return folder


def culled(folder: Path, capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, dict[str, Any]]:
    """Cull a folder and return the records by file name; every one obeys the schema."""
    capsys.readouterr()
    store = folder.parent / "store.sqlite"
    assert main(["cull", str(folder), "--json", "-", "--store", str(store), "--workers", "1", *words]) == 0
    records = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    for record in records:
        jsonschema.validate(record, load_result_schema())
    return {Path(record["path"]).name: record for record in records}


def test_a_shoot_from_files_to_verdicts(shoot: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With the models that ship: every photo has evidence of every member, the damaged one its error."""
    before = {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in shoot.iterdir()}
    found = culled(shoot, capsys)
    assert len(found) == 30
    damaged = found.pop("DEMO_0030_damaged.jpg")
    assert damaged["error"]["code"] == "damaged"
    members = set(Ensemble(models_root()).versions)
    assert all(set(record["models"]) == members for record in found.values())
    assert found["DEMO_0001_portrait.jpg"]["evidence"]["faces"]
    assert not found["DEMO_0011_grass.jpg"]["evidence"]["faces"]
    assert {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in shoot.iterdir()} == before
    again = culled(shoot, capsys)
    assert again.pop("DEMO_0030_damaged.jpg") == damaged
    assert again == found


def _place(folder: Path, source: Path, *names: str) -> None:
    for name in names:
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(source.read_bytes())


@pytest.mark.skipif(os.name == "nt", reason="Windows has neither FIFOs nor such names")
def test_whatever_lies_in_a_folder_is_scored_or_named(
    shoot: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Folders, pipes, dangling links and unreadable files named as photos are named; odd names are scored."""
    folder = tmp_path / "odd"
    good = sorted(shoot.iterdir())[0]
    long = "/".join(["a" * 60] * 5)
    _place(
        folder, good, "plain.jpg", "no suffix", "UPPER.JPEG", "-dash.jpg", "sp ace #%.jpg", "line\nbreak.jpg",
        "雪.jpg", unicodedata.normalize("NFC", "é.jpg"), unicodedata.normalize("NFD", "é.jpg"),
        f"{long}/deep.jpg",
    )  # fmt: skip
    if sys.platform == "linux":
        _place(folder, good, os.fsdecode(b"byte \xff.jpg"))
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
        _place(folder, good, "locked.jpg")
        (folder / "locked.jpg").chmod(0)
        expected["locked.jpg"] = "no_permission"
    found = culled(folder, capsys)
    errors = {name: record["error"]["code"] for name, record in found.items() if record["error"]}
    assert errors == expected
    assert {name for name, record in found.items() if not record["error"]} == scored


def test_nothing_is_sent_anywhere(
    shoot: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Reading, measuring and judging open no connection: with every one refused, all goes as before."""
    from autocull.pipeline.worker_main import make_measure

    def refused(*_: Any, **__: Any) -> Any:
        pytest.fail("a connection was tried")

    monkeypatch.setattr("socket.socket.connect", refused)
    monkeypatch.setattr("socket.create_connection", refused)
    monkeypatch.setattr("socket.getaddrinfo", refused)
    measure = make_measure(models_root())
    from autocull.read import Frame

    [portrait] = shoot.glob("*_portrait.jpg")
    assert measure(Frame(portrait)).outcome.kind == read_photo(portrait).kind  # type: ignore[union-attr]
    assert len(culled(shoot, capsys, "--report", str(tmp_path / "r.html"))) == 30
