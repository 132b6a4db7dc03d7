"""Tests of `autocull cull` from options to exit codes, with fake workers."""

from __future__ import annotations

import errno
import json
import os
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import jsonschema
import pytest

from autocull.atomic_write import AtomicFile, temporary_path
from autocull.cli import main
from autocull.cli.cull import outputs
from autocull.errors import ModelError
from autocull.output import SidecarWriter
from autocull.output.report import report
from autocull.output.sorting import exclusive_rename, folder_lock
from autocull.output.sorting.plan import SortPlanner
from autocull.pipeline import CullRun, cull_run
from autocull.pipeline.evidence_store import EvidenceStore, Measurement
from autocull.read import Frame
from support import cull_run_fakes as fakes
from support.result_factories import load_result_schema


@pytest.fixture(autouse=True)
def fake_workers(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[fakes.FakeWorkers]:
    """Replace models and processes by fakes, and put the store into the test's folder."""
    started: list[fakes.FakeWorkers] = []

    def start(prepare: Any, *, count: int, time_limit: float) -> fakes.FakeWorkers:
        started.append(fakes.FakeWorkers(fakes.measured_or_refused))
        return started[-1]

    monkeypatch.setattr(cull_run, "Workers", start)
    monkeypatch.setattr(cull_run, "versions", lambda models: fakes.VERSIONS)
    monkeypatch.setenv("AUTOCULL_STORE", str(tmp_path / "store.sqlite"))
    monkeypatch.setattr(folder_lock, "lock_folder", lambda: tmp_path / "store.locks")
    monkeypatch.setenv("COLUMNS", "160")
    return started


@pytest.fixture
def shoot(tmp_path: Path) -> Path:
    """Make a folder with two good photos, a soft one and one that cannot be read."""
    folder = tmp_path / "shoot"
    folder.mkdir()
    fakes.frames_in(folder, "a.jpg", "b.jpg", "soft.jpg", "refuse.jpg")
    return folder


def snapshot(folder: Path) -> dict[str, tuple[bytes | None, int]]:
    """Return every file's content and time, and every folder's time."""
    return {
        path.relative_to(folder).as_posix(): (
            path.read_bytes() if path.is_file() else None,
            path.stat().st_mtime_ns,
        )
        for path in sorted(folder.rglob("*"))
    }


def test_table_counts_every_photo(shoot: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Kept, rejected by reason, unreadable with its name; a damaged photo is no failure of the run."""
    assert main(["cull", str(shoot)]) == 0
    lines = capsys.readouterr().out.splitlines()
    out = {line.strip().split("  ")[0]: line.split() for line in lines}
    assert out["Photos"][1] == "4"
    assert out["Keep"][1] == "2"
    assert out["Reject"][1] == "1"
    assert out["Out of focus"][-1] == "1"
    assert out["Unreadable"][1] == "1"
    assert lines[:2] == ["1 photo: The file is damaged.", f"  {shoot / 'refuse.jpg'}"]
    assert lines[-1] == "Write stars, labels and flags: --xmp, or Lightroom's plug-in."


def test_standard_output_has_only_json(shoot: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Each line obeys the schema, one per photo; table and progress go to standard error."""
    assert main(["cull", str(shoot), "--json", "-"]) == 0
    captured = capsys.readouterr()
    records = [json.loads(line) for line in captured.out.splitlines()]
    for record in records:
        jsonschema.validate(record, load_result_schema())
    assert {Path(record["path"]).name: record["verdict"] for record in records} == {
        "a.jpg": "keep", "b.jpg": "keep", "soft.jpg": "reject", "refuse.jpg": "cannot_tell",
    }  # fmt: skip
    assert "Photos" in captured.err
    assert "0 of 4 photos" in captured.err


def test_json_into_a_file_has_the_same_lines(shoot: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file has the lines of the standard output."""
    assert main(["cull", str(shoot), "--json", "-"]) == 0
    target = shoot.parent / "out.jsonl"
    assert main(["cull", str(shoot), "--json", str(target)]) == 0
    assert sorted(target.read_text("utf-8").splitlines()) == sorted(
        line for line in capsys.readouterr().out.splitlines() if line.startswith("{")
    )


def test_second_run_with_another_setting_starts_no_worker(
    shoot: Path, fake_workers: list[fakes.FakeWorkers], capsys: pytest.CaptureFixture[str]
) -> None:
    """A changed setting judges stored evidence again, and the table has the count."""
    assert main(["cull", str(shoot)]) == 0
    assert len(fake_workers) == 1
    capsys.readouterr()
    assert main(["cull", str(shoot), "--set", "defocus_trust=ignore"]) == 0
    out = capsys.readouterr().out
    assert len(fake_workers) == 1
    assert "4 measured before" in out
    assert "Out of focus" not in out


def _everything(shoot: Path) -> list[str]:
    out = shoot.parent / "out"
    return [
        "cull", str(shoot), "--xmp", "--json", str(out / "a.jsonl"), "--report", str(out / "r.html"),
        "--sort-into", str(out / "sorted"), "--by", "verdict",
    ]  # fmt: skip


def test_dry_run_writes_only_the_store(shoot: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Every file and folder is as it was, and everything that would be written is printed."""
    (shoot.parent / "out").mkdir()
    before = snapshot(shoot)
    assert main([*_everything(shoot), "--dry-run"]) == 0
    assert snapshot(shoot) == before
    assert sorted(path.name for path in shoot.parent.iterdir() if not path.name.startswith("store.")) == [
        "out",
        "shoot",
    ]
    assert not list((shoot.parent / "out").iterdir())
    out = capsys.readouterr().out
    assert "Would write marks into the sidecars of 3 photos." in out
    assert "does not read the sidecars of 3 photos (3 JPEG)" in out
    assert "Would write the report" in out
    assert "files would be copied." in out


def test_photos_are_never_altered(shoot: Path) -> None:
    """Sidecars, report, JSON and copies are written; every photo keeps its bytes and its date."""
    (shoot.parent / "out").mkdir()
    before = snapshot(shoot)
    assert main(_everything(shoot)) == 0
    after = snapshot(shoot)
    assert {name: after[name] for name in before} == before
    assert sorted(set(after) - set(before)) == ["a.xmp", "b.xmp", "soft.xmp"]
    assert (shoot.parent / "out" / "r.html").is_file()


def test_sorting_can_be_undone(shoot: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`autocull undo` moves back what --move moved, with the journal that the run named."""
    before = {name: content for name, (content, _) in snapshot(shoot).items()}
    into = shoot.parent / "sorted"
    assert main(["cull", str(shoot), "--sort-into", str(into), "--by", "verdict", "--move"]) == 0
    assert sorted(path.name for path in shoot.iterdir()) == ["refuse.jpg"]
    [journal] = shoot.parent.glob("*.journal")
    assert str(journal) in capsys.readouterr().out
    assert main(["undo", str(journal)]) == 0
    assert {name: content for name, (content, _) in snapshot(shoot).items()} == before
    assert not into.exists()


def test_user_marks_are_left_alone(shoot: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A sidecar with the photographer's own stars keeps them, and the table counts it."""
    assert main(["cull", str(shoot), "--xmp"]) == 0
    sidecar = shoot / "a.xmp"
    text = sidecar.read_text("utf-8")
    sidecar.write_text(
        text.replace('xmp:Rating="4"', 'xmp:Rating="5"').replace('xmp:Rating="3"', 'xmp:Rating="5"')
    )
    capsys.readouterr()
    assert main(["cull", str(shoot), "--xmp"]) == 0
    assert 'xmp:Rating="5"' in sidecar.read_text("utf-8")
    [line] = [line for line in capsys.readouterr().out.splitlines() if line.startswith("Left alone")]
    assert line.split()[2] == "1"


def test_unwritable_sidecar_is_named(shoot: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The others get their marks, and the exit code is 1."""
    (shoot / "a.xmp").write_bytes(b"<broken")
    assert main(["cull", str(shoot), "--xmp"]) == 1
    assert "No marks for" in capsys.readouterr().out
    assert (shoot / "a.xmp").read_bytes() == b"<broken"
    assert (shoot / "b.xmp").is_file()


def test_existing_target_stops_the_sorting(shoot: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Sorting does not overwrite: nothing is copied, and the exit code is 1."""
    existing = shoot.parent / "sorted" / "keep" / "a.jpg"
    existing.parent.mkdir(parents=True)
    existing.write_text("existing")
    assert main(["cull", str(shoot), "--sort-into", str(shoot.parent / "sorted"), "--by", "verdict"]) == 1
    assert "autocull:" in capsys.readouterr().out
    assert [path.name for path in (shoot.parent / "sorted").rglob("*.jpg")] == ["a.jpg"]


def test_ctrl_c_keeps_measurements(
    shoot: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 130, the progress, no marks; the next run measures only what is missing."""

    def stop_at_third(frame: Frame) -> Measurement:
        if frame.path.name == "refuse.jpg":
            raise KeyboardInterrupt
        return fakes.measure_by_name(frame)

    with monkeypatch.context() as patched:
        patched.setattr(cull_run, "Workers", lambda *_, **__: fakes.FakeWorkers(stop_at_third))
        assert main(["cull", str(shoot), "--xmp"]) == 130
    out = capsys.readouterr().out
    assert "Stopped: 2 photos of 4 are done and kept. No marks were written." in out
    assert not list(shoot.glob("*.xmp"))
    assert main(["cull", str(shoot)]) == 0
    assert "2 measured before" in capsys.readouterr().out


def test_one_pass_over_the_evidence_feeds_all_outputs(shoot: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With any number of outputs each photo's evidence is read once per pass: to group, and to write."""
    (shoot.parent / "out").mkdir()
    assert main(["cull", str(shoot)]) == 0
    read = Counter[str]()
    get = EvidenceStore.get

    def count(store: EvidenceStore, identities: Mapping[Path, bytes]) -> dict[Path, Any]:
        outcomes = get(store, identities)
        read.update(path.name for path in outcomes)
        return outcomes

    monkeypatch.setattr(EvidenceStore, "get", count)
    assert main(_everything(shoot)) == 0
    assert read == dict.fromkeys(("a.jpg", "b.jpg", "soft.jpg", "refuse.jpg"), 2)


def test_failed_report_leaves_sidecars_and_moves_nothing(
    shoot: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The outputs before the one that failed are complete; sorting, which is last, is not begun."""
    out = shoot.parent / "out"
    out.mkdir()

    def refuse(path: Path) -> Any:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))

    monkeypatch.setattr(report, "atomic_write", refuse)
    before = {name: content for name, (content, _) in snapshot(shoot).items()}
    assert main([*_everything(shoot), "--move"]) == 1
    assert "r.html cannot be written" in capsys.readouterr().out
    after = {name: content for name, (content, _) in snapshot(shoot).items()}
    assert {name: after[name] for name in before} == before
    assert sorted(set(after) - set(before)) == ["a.xmp", "b.xmp", "soft.xmp"]
    assert len((out / "a.jsonl").read_text("utf-8").splitlines()) == 4
    assert not (out / "sorted").exists()


def test_use_of_sidecars_is_printed_again(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A second run, which writes none, counts the sidecars that are there."""
    folder = tmp_path / "mixed"
    folder.mkdir()
    fakes.frames_in(folder, "a.nef", "b.jpg", "soft.dng")
    for written in (3, 0):
        assert main(["cull", str(folder), "--xmp"]) == 0
        out = capsys.readouterr().out
        assert f"Wrote marks into the sidecars of {written} photos." in out
        assert "Lightroom reads the sidecars of 1 photo (RAW)" in out
        assert "does not read the sidecars of 2 photos (1 DNG, 1 JPEG)" in out


def test_ctrl_c_before_the_end_writes_no_output(
    shoot: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A run that is stopped in the second pass leaves no sidecar, no page and no part of the JSON."""
    out = shoot.parent / "out"
    out.mkdir()
    (out / "a.jsonl").write_text("old")
    before = snapshot(shoot)

    def interrupt(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(SortPlanner, "add", interrupt)
    assert main([*_everything(shoot), "--move"]) == 130
    assert "4 photos of 4 are done and kept. No marks were written." in capsys.readouterr().out
    assert snapshot(shoot) == before
    assert [path.name for path in out.iterdir()] == ["a.jsonl"]
    assert (out / "a.jsonl").read_text() == "old"


def test_full_disk_is_named_for_each_output(
    shoot: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where no output can be written, each is named, nothing is left, and no photo is sorted.

    Of sidecars it is the journal, without which none is written.
    """
    out = shoot.parent / "out"
    out.mkdir()
    before = snapshot(shoot)

    def refuse(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", refuse)
    assert main([*_everything(shoot), "--move"]) == 1
    printed = capsys.readouterr().out
    for name in (r"a\.jsonl", r"xmp-[\d-]+\.journal", r"r\.html"):
        assert re.search(f"{name} cannot be written: No space left on device", printed), name
    assert "not sorted" in printed
    assert {name: content for name, (content, _) in snapshot(shoot).items()} == {
        name: content for name, (content, _) in before.items()
    }
    assert not list(out.iterdir())


def test_failed_json_lines_hold_back_no_marks(
    shoot: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The marks are written where the file of JSON lines cannot be: exit code 1, and no part of the file."""

    def refuse(_: AtomicFile, *__: Any) -> None:
        raise OSError(28, "No space left on device")

    target = shoot.parent / "a.jsonl"
    monkeypatch.setattr("autocull.output.json_lines.AtomicFile.commit", refuse)
    monkeypatch.setattr("autocull.output.sidecars.sidecar_file.atomic_write", write_plainly)
    assert main(["cull", str(shoot), "--json", str(target), "--xmp"]) == 1
    assert "a.jsonl cannot be written" in capsys.readouterr().out
    assert len(list(shoot.glob("*.xmp"))) == 3
    assert not target.exists()


@contextmanager
def write_plainly(path: Path, **_: Any) -> Iterator[IO[bytes]]:
    """Write a file without a temporary one."""
    with path.open("wb") as file:
        yield file


def test_replaced_photo_gets_no_marks_of_the_old_one(
    shoot: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A photo that is replaced or deleted after it was judged is named, and gets neither marks nor folder."""
    results = CullRun.results

    def replace_then_yield(run: CullRun, judge: Any) -> Iterator[Any]:
        yield from results(run, judge)
        (shoot / "a.jpg").write_bytes(b"another photo")
        (shoot / "b.jpg").unlink()

    monkeypatch.setattr(CullRun, "results", replace_then_yield)
    into = shoot.parent / "sorted"
    assert main(["cull", str(shoot), "--xmp", "--sort-into", str(into), "--by", "verdict", "--move"]) == 1
    printed = capsys.readouterr().out
    for name in ("a.jpg", "b.jpg"):
        assert re.search(f"No marks for .*{name}: .* changed since it was judged", printed)
    assert [path.name for path in shoot.glob("*.xmp")] == ["soft.xmp"]
    assert not into.exists()


def test_temporary_files_of_killed_runs_are_removed(shoot: Path) -> None:
    """Those next to photos and outputs, by the next run that writes there; not in a dry run."""
    out = shoot.parent / "out"
    out.mkdir()
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "getpid", lambda: dead.pid)
        stale = [temporary_path(folder / "a") for folder in (shoot, out)]
    for path in stale:
        path.write_bytes(b"part of a file")
        os.utime(path, (time.time() - 3600,) * 2)
    assert main([*_everything(shoot), "--dry-run"]) == 0
    assert all(path.exists() for path in stale)
    assert main(_everything(shoot)) == 0
    assert not any(path.exists() for path in stale)


def test_ctrl_c_while_sidecars_are_written_names_their_number(
    shoot: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 130; the same command writes the others."""
    finish = SidecarWriter.finish

    def interrupt_second(writer: SidecarWriter) -> Iterator[Any]:
        outcomes = finish(writer)
        yield next(outcomes)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(SidecarWriter, "finish", interrupt_second)
        assert main(["cull", str(shoot), "--xmp"]) == 130
    assert "Stopped. Marks were written into the sidecars of 1 photo;" in capsys.readouterr().out
    assert len(list(shoot.glob("*.xmp"))) == 1
    assert main(["cull", str(shoot), "--xmp"]) == 0
    assert len(list(shoot.glob("*.xmp"))) == 3


def test_stopped_sorting_is_named_at_once_and_by_the_next_run(
    shoot: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """By the command that undoes it: then each sidecar is next to its photo again."""
    assert main(["cull", str(shoot), "--xmp"]) == 0
    content = {name: content for name, (content, _) in snapshot(shoot).items()}
    into = shoot.parent / "sorted"
    words = ["cull", str(shoot), "--sort-into", str(into), "--by", "verdict", "--move"]
    rename = exclusive_rename.rename_exclusively

    def interrupt_photo(source: Path, target: Path) -> None:
        if source.name == "b.jpg":
            raise KeyboardInterrupt
        rename(source, target)

    with monkeypatch.context() as patch:
        patch.setattr(exclusive_rename, "rename_exclusively", interrupt_photo)
        capsys.readouterr()
        assert main(words) == 130
    [journal] = shoot.parent.glob("*.journal")
    assert f"Stopped: 3 of 6 files moved. To put them back: autocull undo {journal}" in joined(capsys)
    assert (shoot / "b.jpg").exists(), "a photo was moved before its sidecar"
    assert main([*words, "--dry-run"]) == 0
    assert (
        f"was stopped. Photos and their sidecars may be in different folders. `autocull undo {journal}`"
        in (joined(capsys))
    )
    assert main(["undo", str(journal)]) == 0
    assert {name: content for name, (content, _) in snapshot(shoot).items()} == content
    capsys.readouterr()
    assert main(words) == 0
    assert "was stopped" not in joined(capsys)
    assert main(words) in (0, 1)
    assert "was stopped" not in joined(capsys)


def joined(capsys: pytest.CaptureFixture[str]) -> str:
    """Return what was printed as one line."""
    return " ".join(capsys.readouterr().out.split())


def test_files_left_behind_by_a_move_are_named(shoot: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Those whose names go on after that of a moved photo, and that belong to no other one."""
    for name in ("a (2).xmp", "a-edit.pp3", "a.mov", "abc.txt", "notes.txt"):
        (shoot / name).write_text("x")
    words = ["cull", str(shoot), "--sort-into", str(shoot.parent / "sorted"), "--by", "verdict"]
    assert main([*words, "--dry-run"]) == 0
    assert "Left behind" not in capsys.readouterr().out
    assert main([*words, "--move"]) == 0
    printed = capsys.readouterr().out
    names = [line.rpartition("/")[2] for line in printed.splitlines() if line.startswith("Left behind")]
    assert names == ["a (2).xmp", "a-edit.pp3"]
    assert (shoot.parent / "sorted" / "keep" / "a.mov").exists()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no full device")
@pytest.mark.parametrize("words", [["--json", "-"], []])
def test_full_standard_output_is_named(shoot: Path, words: list[str], tmp_path: Path) -> None:
    """The table or the JSON lines into a full disk: one sentence, exit code 1, no traceback."""
    store = str(tmp_path / "s.sqlite")
    assert main(["cull", str(shoot), "--store", store]) == 0
    driver = Path(__file__).parents[1] / "support" / "cull_process_driver.py"
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(driver.parents[1]), *sys.path])}
    with open("/dev/full", "wb") as full:  # noqa: PTH123 - a device
        run = subprocess.run(
            [sys.executable, str(driver), "by_name", "cull", str(shoot), "--store", store, *words],
            stdout=full, stderr=subprocess.PIPE, text=True, env=environment, timeout=100, check=False,
        )  # fmt: skip
    assert run.returncode == 1
    assert "No space left on device" in run.stderr
    assert "Traceback" not in run.stderr


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["cull"], "PATH"),
        (["cull", "x", "--sort-into", "y"], "--by"),
        (["cull", "x", "--by", "eyes"], "--sort-into"),
        (["cull", "x", "--move"], "--sort-into"),
        (["cull", "x", "--open"], "--report"),
        (["cull", "x", "--set", "eyes_reject"], "KEY=VALUE"),
        (["cull", "x", "--json", "photo.jpg"], ".json"),
        (["cull", "x", "--report", "photo.jpg"], ".html"),
        (["cull", "x", "--workers", "0"], "workers"),
        (["cull", "x", "--set", "eyes_rejct=0.1"], "eyes_reject"),
        (["cull", "x", "--set", "eyes_reject=7"], "eyes_reject"),
        (["cull", "x", "--profile", "portraits"], "portrait"),
        (["cul", "x"], "cull"),
    ],
)
def test_usage_errors_are_explained(
    words: list[str],
    expected: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Exit code 2, a sentence on standard error with what is meant, nothing on standard output."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "x").mkdir()
    assert main(words) == 2
    captured = capsys.readouterr()
    assert expected in captured.err
    assert captured.out == ""


def test_missing_journal_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing could be moved back: exit code 1, and the file is named."""
    assert main(["undo", str(tmp_path / "no-such.journal")]) == 1
    assert "no-such.journal" in capsys.readouterr().err


def test_sidecars_can_be_undone(shoot: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """By the journal that the run names; one that was changed stays, and is named with exit code 1."""
    before = sorted(path.name for path in shoot.iterdir())
    assert main(["cull", str(shoot), "--xmp"]) == 0
    named = re.search(r"To take them back: autocull undo (\S+\.journal)", joined(capsys))
    assert named is not None
    (shoot / "soft.xmp").write_bytes((shoot / "soft.xmp").read_bytes() + b" ")
    assert main(["undo", named[1]]) == 1
    captured = capsys.readouterr()
    assert captured.out == "Undone: 2 files.\n"
    assert "soft.xmp was left as it is: it changed since" in captured.err
    assert sorted(path.name for path in shoot.iterdir()) == sorted([*before, "soft.xmp"])


def test_undo_keeps_changed_files(shoot: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A copy that was edited is named and stays; the others are removed."""
    into = shoot.parent / "sorted"
    assert main(["cull", str(shoot), "--sort-into", str(into), "--by", "verdict"]) == 0
    (into / "keep" / "a.jpg").write_text("edited")
    [journal] = shoot.parent.glob("*.journal")
    assert main(["undo", str(journal)]) == 1
    assert "a.jpg" in capsys.readouterr().err
    assert [path.name for path in into.rglob("*.jpg")] == ["a.jpg"]


def test_folder_without_photos_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing to do is exit code 1."""
    (tmp_path / "notes.txt").write_text("hello")
    assert main(["cull", str(tmp_path)]) == 1
    assert "no photos" in capsys.readouterr().err


@pytest.mark.parametrize("when", ["versions", "measuring"])
def test_missing_model_is_named_with_its_remedy(
    shoot: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], when: str
) -> None:
    """Exit code 3, the file and what to do, before or after the workers start."""

    def fail(*_: Any) -> Any:
        raise ModelError(Path("focus"), "The model file models/focus is missing. Install Autocull again.")

    if when == "versions":
        monkeypatch.setattr(cull_run, "versions", fail)
    else:
        monkeypatch.setattr(cull_run, "Workers", lambda *_, **__: fakes.FakeWorkers(fail))
    assert main(["cull", str(shoot)]) == 3
    assert "models/focus is missing. Install Autocull again." in capsys.readouterr().err


def test_other_file_as_store_is_refused(shoot: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 3, and the file is as it was."""
    before = snapshot(shoot)
    assert main(["cull", str(shoot), "--store", str(shoot / "a.jpg")]) == 3
    assert "a.jpg" in capsys.readouterr().err
    assert snapshot(shoot) == before


def test_unusable_store_is_a_warning(shoot: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The run continues without storing."""
    blocked = shoot.parent / "file"
    blocked.write_text("")
    assert main(["cull", str(shoot), "--store", str(blocked / "store.sqlite")]) == 0
    captured = capsys.readouterr()
    assert "not kept for the next run" in captured.err
    assert "Photos" in captured.out


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such file names")
def test_hostile_names_do_not_reach_the_terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Escape sequences in names are printed as codes, in the table as in every message."""
    folder = tmp_path / "\x1b[2Jshoot"
    folder.mkdir()
    fakes.frames_in(folder, "refuse \x1b]0;owned\x07 \n.jpg")
    assert main(["cull", str(folder), "--xmp"]) == 0
    captured = capsys.readouterr()
    assert "\x1b" not in captured.out + captured.err
    assert r"refuse \u001b]0;owned\u0007 \u000a.jpg" in captured.out


def test_report_is_opened(shoot: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """--open passes the report's URL to the browser."""
    opened: list[str] = []
    monkeypatch.setattr(outputs.webbrowser, "open", opened.append)
    report = shoot.parent / "my report.html"
    assert main(["cull", str(shoot), "--report", str(report), "--open"]) == 0
    assert f"<title>{shoot.name}</title>" in report.read_text("utf-8")  # the folder is the title
    assert opened == [report.as_uri()]


def test_unwritable_json_file_is_named_before_the_run(
    shoot: Path, fake_workers: list[fakes.FakeWorkers], capsys: pytest.CaptureFixture[str]
) -> None:
    """The missing folder is reported before photos are measured: no worker is started."""
    assert main(["cull", str(shoot), "--json", str(shoot / "no" / "out.jsonl")]) == 2
    assert "There is no folder" in capsys.readouterr().err
    assert not fake_workers


def test_version_and_help_name_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    """`--version` prints the version; `--help` names the commands and the exit codes."""
    assert main(["--version"]) == 0
    assert main(["--help"]) == 0
    out = capsys.readouterr().out
    assert "autocull, version 0." in out
    for word in ("cull", "undo", "demo", "train", "130"):
        assert word in out
    assert main(["cull", "--help"]) == 0
    assert "130 stopped by Ctrl-C" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("wrong", "advice"),
    [("shoott", "Did you mean {0}/shoot?"), ("Shoot/a.jpgg", "does not exist either"), ("xyzzy", "xyzzy.\n")],
)
def test_mistyped_path_is_an_error_before_anything_is_written(
    wrong: str, advice: str, shoot: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With exit code 2 and the nearest name; the last report stays."""
    report = tmp_path / "report.html"
    report.write_text("the last report", "utf-8")
    assert main(["cull", str(shoot), str(tmp_path / wrong), "--report", str(report)]) == 2
    message = capsys.readouterr().err
    assert f"There is no file or folder {tmp_path / wrong}" in message
    assert advice.format(tmp_path) in message
    assert report.read_text("utf-8") == "the last report"
    assert not (tmp_path / "store.sqlite").exists()
