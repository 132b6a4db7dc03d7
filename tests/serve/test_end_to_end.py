"""Photos through the shipped networks: the daemon's results equal those of `autocull cull`."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path

import numpy as np
from PIL import Image

from autocull.cli import main
from autocull.measure.models import models_root
from autocull.pipeline.worker_main import make_measure
from autocull.pipeline.worker_pool import Workers
from support.job_fixtures import open_daemon
from support.sample_series import BRACKET, BURST, SHARPEST, write_sample_shoot

EQUAL_KEYS = ("verdict", "rating", "label", "flag", "score", "reasons")


def test_daemon_judges_like_the_command(tmp_path: Path) -> None:
    """Verdict, marks, score and reasons are equal, also for a text file and a missing file."""
    shoot = tmp_path / "ein Shooting"
    shoot.mkdir()
    grain = np.random.default_rng(1).integers(0, 255, (300, 400, 3), np.uint8)
    Image.fromarray(grain).save(shoot / "grain ü.png")
    Image.fromarray(grain // 20).save(shoot / "dark.jpg")
    (shoot / "text.jpg").write_text("no photo")
    start = partial(Workers, partial(make_measure, models_root()), count=1, time_limit=120)
    with open_daemon(tmp_path / "home", start) as daemon:
        job = daemon.submit(*sorted(shoot.iterdir()), shoot / "gone.nef")
        job_json = daemon.wait_for_end(job)
        results = daemon.results(job)
    assert (job_json["done"], job_json["errors"], job_json["state"]) == (4, 2, "done")
    assert results["gone.nef"]["error"]["code"] == "missing"
    lines = tmp_path / "lines.jsonl"
    assert (
        main(
            [
                "cull",
                str(shoot),
                "--json",
                str(lines),
                "--workers",
                "1",
                "--store",
                str(tmp_path / "s.sqlite"),
            ]
        )
        == 0
    )
    for record in map(json.loads, lines.read_text("utf-8").splitlines()):
        result = results[Path(record["path"]).name]
        if record["error"] is None:
            assert {name: result[name] for name in EQUAL_KEYS} == {name: record[name] for name in EQUAL_KEYS}
        else:
            assert result["error"] == {**record["error"], "parameters": {}}


def test_series_equal_those_of_the_command(tmp_path: Path) -> None:
    """Kind, rank, size and best of every photo, and what follows from them."""
    shoot = tmp_path / "shoot"
    shoot.mkdir()
    files = write_sample_shoot(shoot)
    start = partial(Workers, partial(make_measure, models_root()), count=1, time_limit=120)
    with open_daemon(tmp_path / "home", start) as daemon:
        job = daemon.submit(*files.values())
        assert daemon.wait_for_end(job)["verdicts"] == {"keep": 5, "reject": 3, "cannot_tell": 0}
        results = daemon.results(job)
    lines, store = tmp_path / "lines.jsonl", tmp_path / "s.sqlite"
    arguments = ["cull", str(shoot), "--json", str(lines), "--workers", "1", "--store", str(store)]
    assert main(arguments) == 0
    records = [json.loads(line) for line in lines.read_text("utf-8").splitlines()]
    assert len(records) == len(files)
    for record in records:
        result = results[Path(record["path"]).name]
        for name in (*EQUAL_KEYS, "series", "select"):
            assert result[name] == record[name]
    assert {results[name]["series"]["kind"] for name in BURST} == {"burst"}
    assert {results[name]["series"]["kind"] for name in BRACKET} == {"bracket"}
    assert {results[name]["series"]["best"] for name in BURST} == {str(files[SHARPEST])}
