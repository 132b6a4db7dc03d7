"""Tests of a run: stored evidence first, then the workers; nothing is measured twice or lost."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest

from autocull.errors import ModelError, PhotoError
from autocull.output.result import Judged, Result, Unreadable
from autocull.pipeline.cull_run import CullRun
from autocull.pipeline.evidence_store import EvidenceStore, Measurement
from autocull.pipeline.worker_process import Measure
from autocull.read import Frame, ScanResult
from support import cull_run_fakes as fakes


@pytest.fixture
def store(tmp_path: Path) -> Iterator[EvidenceStore]:
    """Open a store that must not warn."""
    with closing(EvidenceStore(tmp_path / "store.sqlite", pytest.fail)) as opened:
        yield opened


def make_run(
    store: EvidenceStore, frames: list[Frame], measure: Measure = fakes.measure_by_name
) -> tuple[CullRun, list[fakes.FakeWorkers]]:
    """Make a run, and the list of workers that it starts."""
    started: list[fakes.FakeWorkers] = []

    def start() -> fakes.FakeWorkers:
        started.append(fakes.FakeWorkers(measure))
        return started[-1]

    return CullRun(
        ScanResult(tuple(frames)), store=store, versions=fakes.VERSIONS, start_workers=start
    ), started


def fail_to_measure(frame: Frame) -> Measurement:
    """Fail the test: this photo must not be read."""
    pytest.fail(f"{frame.path} was read")


def answers(results: list[Result]) -> dict[str, str]:
    """Map each name to its verdict, or to the code of its error."""
    return {
        result.frame.path.name: result.error.code if isinstance(result, Unreadable) else result.verdict.answer
        for result in results
    }


def test_each_photo_gets_a_verdict_and_is_counted(store: EvidenceStore, tmp_path: Path) -> None:
    """Every frame is judged or unreadable, and the counts add up."""

    def measure(frame: Frame) -> Measurement:
        if frame.path.stem == "bad":
            return Measurement(PhotoError(frame.path, "It is damaged.", code="damaged"))
        return Measurement(fakes.evidence(0.9 if frame.path.stem == "good" else 0.1))

    run, [*_] = make_run(store, fakes.frames_in(tmp_path, "good.jpg", "soft.jpg", "bad.jpg"), measure)
    assert answers(list(run.run(fakes.judge))) == {
        "good.jpg": "keep",
        "soft.jpg": "reject",
        "bad.jpg": "damaged",
    }
    counts = run.counts
    assert (counts.processed, counts.measured, counts.kept, counts.rejected, counts.cannot_tell) == (
        3,
        3,
        1,
        1,
        0,
    )
    assert dict(counts.reasons) == dict(counts.first_reasons) == {"soft": 1}
    assert [unreadable.frame.path.name for unreadable in counts.unreadable] == ["bad.jpg"]


def test_changed_setting_reads_no_photo(store: EvidenceStore, tmp_path: Path) -> None:
    """A second run over unchanged photos starts no worker, and judges them with the new setting."""
    frames = fakes.frames_in(tmp_path, *(f"{number}.jpg" for number in range(3)), "refuse.jpg")
    first, _ = make_run(store, frames, fakes.measured_or_refused)
    list(first.run(fakes.judge))
    second, started = make_run(store, frames, fail_to_measure)
    verdicts = answers(list(second.run(partial(fakes.judge, limit=0.95))))
    assert verdicts == {"0.jpg": "reject", "1.jpg": "reject", "2.jpg": "reject", "refuse.jpg": "damaged"}
    assert started == []
    assert (second.counts.processed, second.counts.measured) == (4, 0)


def test_interrupted_run_is_continued(store: EvidenceStore, tmp_path: Path) -> None:
    """Results before Ctrl-C are stored; the next run measures only the others."""
    frames = fakes.frames_in(tmp_path, *(f"{number}.jpg" for number in range(5)))

    def measure_two(frame: Frame) -> Measurement:
        if frame.path.stem == "2":
            raise KeyboardInterrupt
        return fakes.measure_by_name(frame)

    first, [*_] = make_run(store, frames, measure_two)
    results = first.run(fakes.judge)
    done = [next(results), next(results)]
    with pytest.raises(KeyboardInterrupt):
        next(results)
    assert answers(list(first.results(fakes.judge))) == answers(done)
    second, started = make_run(store, frames)
    assert len(list(second.run(fakes.judge))) == 5
    assert [path.stem for path in started[0].requested] == ["2", "3", "4"]


@pytest.mark.parametrize("error", [KeyboardInterrupt(), ModelError(Path("m"), "Gone.")])
def test_workers_are_stopped_however_the_run_ends(
    store: EvidenceStore, tmp_path: Path, error: BaseException
) -> None:
    """No process is left behind."""

    def fail(frame: Frame) -> Measurement:
        raise error

    run, started = make_run(store, fakes.frames_in(tmp_path, "a.jpg"), fail)
    with pytest.raises(type(error)):
        list(run.run(fakes.judge))
    assert started[0].stopped


def test_workers_start_early_only_where_needed(store: EvidenceStore, tmp_path: Path) -> None:
    """They start where a photo is new, are used by the run, and stop with it, also if it never runs."""
    frames = fakes.frames_in(tmp_path, "a.jpg", "b.jpg")
    run, started = make_run(store, frames)
    run.start_workers_early()
    assert len(started) == 1
    assert len(list(run.run(fakes.judge))) == 2
    assert len(started) == 1
    again, started = make_run(store, frames)
    again.start_workers_early()
    assert started == []
    frames[0].path.write_bytes(b"edited")
    third, started = make_run(store, frames)
    third.start_workers_early()
    third.close()
    assert [(workers.requested, workers.stopped) for workers in started] == [([], True)]


def test_only_changed_photos_are_measured_again(store: EvidenceStore, tmp_path: Path) -> None:
    """One edited photo among many is measured."""
    frames = fakes.frames_in(tmp_path, "a.jpg", "b.jpg", "c.jpg")
    list(make_run(store, frames)[0].run(fakes.judge))
    frames[1].path.write_bytes(b"edited in another program")
    run, started = make_run(store, frames)
    list(run.run(fakes.judge))
    assert [path.name for path in started[0].requested] == ["b.jpg"]


def _grow(path: Path) -> None:
    with path.open("ab") as file:
        file.write(b"more")


@pytest.mark.parametrize(("act", "code"), [(_grow, "changing"), (Path.unlink, "missing")])
def test_file_that_changes_during_the_run_has_no_verdict(
    store: EvidenceStore, tmp_path: Path, act: Callable[[Path], None], code: str
) -> None:
    """A file that is still being copied, or is deleted meanwhile, is an error, and is not stored."""

    def measure(frame: Frame) -> Measurement:
        if frame.path.stem == "b":
            act(frame.path)
        return fakes.measure_by_name(frame)

    frames = fakes.frames_in(tmp_path, "a.jpg", "b.jpg", "c.jpg")
    run, _ = make_run(store, frames, measure)
    expected = {"a.jpg": "keep", "b.jpg": code, "c.jpg": "keep"}
    assert answers(list(run.run(fakes.judge))) == expected
    assert answers(list(run.results(fakes.judge))) == expected
    again, started = make_run(store, frames)
    list(again.run(fakes.judge))
    assert [path.name for path in started[0].requested] == ["b.jpg"]


def test_inaccessible_file_has_the_readers_error(store: EvidenceStore, tmp_path: Path) -> None:
    """A dangling link has no identity: the reader's error is the result, in both passes."""
    frame = Frame(tmp_path / "gone.jpg")
    error = PhotoError(frame.path, "The file is not there.", code="missing")
    run, _ = make_run(store, [frame], lambda _: Measurement(error))
    assert answers(list(run.run(fakes.judge))) == {"gone.jpg": "missing"}
    assert answers(list(run.results(fakes.judge))) == {"gone.jpg": "missing"}


def test_final_results_have_the_order_of_the_frames(store: EvidenceStore, tmp_path: Path) -> None:
    """After the run every result is yielded again, with its thumbnail, and nothing is read."""
    frames = fakes.frames_in(tmp_path, *(f"{number}.jpg" for number in range(600)))
    run, _ = make_run(store, frames)
    list(run.run(fakes.judge))
    results = list(run.results(fakes.judge))
    assert [result.frame for result in results] == frames
    assert all(isinstance(result, Judged) for result in results)
    assert run.thumbnail(frames[0]) == fakes.JPEG
    assert run.counts.processed == 600


def test_results_do_not_need_a_persistent_store(tmp_path: Path) -> None:
    """A store that cannot be written affects the next run, not this one."""
    frames = fakes.frames_in(tmp_path, "a.jpg", "b.jpg")

    class ForgetfulStore(EvidenceStore):
        """A store that cannot be written."""

        def put(self, *_: object) -> bool:
            """Keep nothing."""
            return False

    with closing(ForgetfulStore(None, pytest.fail)) as store:
        run, _ = make_run(store, frames)
        list(run.run(fakes.judge))
        assert answers(list(run.results(fakes.judge))) == {"a.jpg": "keep", "b.jpg": "keep"}
