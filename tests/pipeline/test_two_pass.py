"""Tests of two-pass judging: alone first, then within the series, in any order of the photos."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from pathlib import Path

import pytest

from autocull.judge import Settings, judge, marks_for
from autocull.judge.verdict import Verdict
from autocull.measure.evidence import Evidence
from autocull.output.result import Judged
from autocull.pipeline.cull_run import Judge
from autocull.pipeline.two_pass import ShootJudge, judge_shoot
from autocull.read import Frame
from autocull.read.photo import Capture
from support import evidence_builders as builders


def captured_at(second: float, **exposed: float) -> Capture:
    """Make the capture data of a frame that many seconds after the first, with these exposure settings."""
    return Capture(
        taken=f"2024-05-01T10:11:{12 + second:06.3f}", taken_from="exif", camera="Example One", **exposed
    )


def make_burst() -> dict[str, Evidence]:
    """Make three frames of one moment, the second the sharpest, and one of another scene."""
    moment = [
        builders.evidence(
            capture=captured_at(index / 4),
            focus=builders.focus(sharp),
            likeness=builders.make_embedding(1, take=index, difference=0.1),
        )
        for index, sharp in enumerate((0.7, 0.98, 0.96))
    ]
    other = builders.evidence(capture=captured_at(40), likeness=builders.make_embedding(2))
    return dict(zip(("1.jpg", "2.jpg", "3.jpg", "4.jpg"), [*moment, other], strict=True))


def verdicts(frames: dict[str, Evidence], settings: Settings) -> dict[str, Verdict]:
    """Add all frames in their order, and return their final verdicts."""
    shoot_judge = ShootJudge(settings)
    for name, photo_evidence in frames.items():
        shoot_judge.add(Frame(Path(name)), photo_evidence)
    shoot_judge.finish()
    return {
        name: shoot_judge.judge(Frame(Path(name)), photo_evidence)[0]
        for name, photo_evidence in frames.items()
    }


def test_photo_is_first_judged_alone() -> None:
    """`add` returns the photo's own verdict with its marks, since its series may still grow."""
    shoot_judge = ShootJudge(Settings())
    for name, photo_evidence in make_burst().items():
        verdict, marks = shoot_judge.add(Frame(Path(name)), photo_evidence)
        assert verdict == judge(photo_evidence, Settings())
        assert marks == marks_for(verdict, Settings())


def test_burst_keeps_its_best_frame() -> None:
    """The sharpest is kept, one about as good is in doubt, the other is rejected for it; a single stays."""
    final = verdicts(make_burst(), Settings())
    assert {name: verdict.answer for name, verdict in final.items()} == {
        "1.jpg": "reject", "2.jpg": "keep", "3.jpg": "cannot_tell", "4.jpg": "keep",
    }  # fmt: skip
    positions = {name: verdict.series for name, verdict in final.items()}
    assert [(position.kind, position.rank, position.size) for position in positions.values() if position] == [
        ("burst", 3, 3), ("burst", 1, 3), ("burst", 2, 3), ("single", 1, 1),
    ]  # fmt: skip
    assert len({position.id for position in positions.values() if position}) == 2


def test_order_of_adding_does_not_matter() -> None:
    """Workers finish in any order: the verdicts are the same."""
    frames = make_burst()
    backwards = dict(reversed(frames.items()))
    assert verdicts(frames, Settings()) == verdicts(backwards, Settings())


def test_bracket_is_kept_whole() -> None:
    """Three even steps of exposure within a second: dark and bright frame are kept with the middle one."""
    light = {
        "dark.jpg": (1 / 500, 0.05, {"too_dark": 0.97}),
        "middle.jpg": (1 / 125, 0.45, {}),
        "bright.jpg": (1 / 31.25, 0.9, {"too_bright": 0.97}),
    }
    frames = {
        name: builders.evidence(
            capture=captured_at(index / 3, shutter=shutter, aperture=8.0, iso=100),
            exposure=builders.exposure(median=median, low=0.0, high=max(0.3, median), clipped_bright=0.1),
            defects=defects,
            likeness=builders.make_embedding(3, take=index, difference=0.15, stops=2.0 * (index - 1)),
        )
        for index, (name, (shutter, median, defects)) in enumerate(light.items())
    }
    assert judge(frames["dark.jpg"], Settings()).answer == "reject"
    final = verdicts(frames, Settings())
    assert {verdict.answer for verdict in final.values()} == {"keep"}
    assert {verdict.series.kind for verdict in final.values() if verdict.series} == {"bracket"}


def test_series_are_counted_by_their_kind() -> None:
    """The table at the end prints these counts."""
    shoot_judge = ShootJudge(Settings())
    for name, photo_evidence in make_burst().items():
        shoot_judge.add(Frame(Path(name)), photo_evidence)
    shoot_judge.finish()
    assert dict(shoot_judge.series_counts) == {"burst": 1, "single": 1}
    assert sorted(verdict.answer for verdict in shoot_judge.verdicts()) == [
        "cannot_tell",
        "keep",
        "keep",
        "reject",
    ]


def test_photo_added_twice_counts_once() -> None:
    """The same file again, as two catalog photos of it, is no series."""
    shoot_judge = ShootJudge(Settings())
    photo_evidence = builders.evidence()
    for _ in range(2):
        shoot_judge.add(Frame(Path("a.jpg")), photo_evidence)
    shoot_judge.finish()
    verdict, _ = shoot_judge.judge(Frame(Path("a.jpg")), photo_evidence)
    assert verdict.series is not None
    assert (verdict.series.kind, verdict.series.size) == ("single", 1)


def test_unknown_photo_is_judged_alone() -> None:
    """A photo that was not added has its own verdict."""
    shoot_judge = ShootJudge(Settings())
    shoot_judge.finish()
    verdict, _ = shoot_judge.judge(Frame(Path("late.jpg")), builders.evidence())
    assert verdict == judge(builders.evidence(), Settings())


@pytest.mark.parametrize("trust", ["ignore", "doubt"])
def test_settings_apply_to_series(trust: str) -> None:
    """With a trust of doubt or ignore, no frame is rejected for a better one."""
    final = verdicts(make_burst(), Settings.model_validate({"series_trust": trust}))
    assert "reject" not in {verdict.answer for verdict in final.values()}


class BurstSource:
    """The burst as a source of two passes; notes what was called."""

    def __init__(self) -> None:
        self.calls: list[str] = []

    def run(self, judge: Judge) -> Generator[Judged, None, None]:
        """Yield the frames, the last one first."""
        try:
            for name, evidence in reversed(make_burst().items()):
                self.calls.append(f"add {name}")
                yield Judged(Frame(Path(name)), evidence, *judge(Frame(Path(name)), evidence))
        finally:
            self.calls.append("closed")

    def results(self, judge: Judge) -> Iterator[Judged]:
        """Yield the frames by name."""
        for name, evidence in make_burst().items():
            yield Judged(Frame(Path(name)), evidence, *judge(Frame(Path(name)), evidence))


def test_second_pass_yields_final_verdicts() -> None:
    """`on_result` receives the verdicts of the first pass; the iterator yields the final ones."""
    first: list[Judged] = []
    final = list(judge_shoot(BurstSource(), ShootJudge(Settings()), on_result=first.append))
    assert [str(result.frame.path) for result in first] == ["4.jpg", "3.jpg", "2.jpg", "1.jpg"]
    assert {result.verdict.answer for result in first} == {"keep"}
    expected = verdicts(make_burst(), Settings())
    assert {str(result.frame.path): result.verdict for result in final} == expected


def test_first_pass_runs_before_the_iterator_is_read() -> None:
    """The caller may count and report what was measured before it reads any final result."""
    source = BurstSource()
    judge_shoot(source, ShootJudge(Settings()))
    assert source.calls == ["add 4.jpg", "add 3.jpg", "add 2.jpg", "add 1.jpg", "closed"]


def test_stopped_shoot_is_not_grouped() -> None:
    """A stop in the first pass ends the source at once: a part of a shoot has no series."""
    source, shoot_judge = BurstSource(), ShootJudge(Settings())
    stops = iter([False, True])
    assert not list(judge_shoot(source, shoot_judge, should_stop=lambda: next(stops)))
    assert source.calls == ["add 4.jpg", "add 3.jpg", "closed"]
    assert not shoot_judge.series_counts


def test_error_in_the_first_pass_closes_the_source() -> None:
    """Ctrl-C while photos are measured ends the workers before it is handled."""
    source = BurstSource()

    def interrupt(_: Judged) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        judge_shoot(source, ShootJudge(Settings()), on_result=interrupt)
    assert source.calls == ["add 4.jpg", "closed"]
