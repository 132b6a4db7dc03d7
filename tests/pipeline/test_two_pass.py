"""A run's photos together: alone first, then beside their siblings, whatever the order they came in."""

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


def at(second: float, **exposed: float) -> Capture:
    """Make the facts of a frame taken so many seconds after the first, exposed as told."""
    return Capture(
        taken=f"2024-05-01T10:11:{12 + second:06.3f}", taken_from="exif", camera="Example One", **exposed
    )


def burst() -> dict[str, Evidence]:
    """Make three frames of one moment, the second the sharpest, and one of another place."""
    moment = [
        builders.evidence(
            capture=at(place / 4),
            focus=builders.focus(sharp),
            likeness=builders.make_embedding(1, take=place, difference=0.1),
        )
        for place, sharp in enumerate((0.7, 0.98, 0.96))
    ]
    other = builders.evidence(capture=at(40), likeness=builders.make_embedding(2))
    return dict(zip(("1.jpg", "2.jpg", "3.jpg", "4.jpg"), [*moment, other], strict=True))


def verdicts(frames: dict[str, Evidence], settings: Settings) -> dict[str, Verdict]:
    """Hear all frames in their order, and give each one's last verdict."""
    together = ShootJudge(settings)
    for name, seen in frames.items():
        together.add(Frame(Path(name)), seen)
    together.finish()
    return {name: together.judge(Frame(Path(name)), seen)[0] for name, seen in frames.items()}


def test_a_photo_is_first_judged_alone() -> None:
    """What hearing answers is the photo's own verdict with its marks, since siblings may still come."""
    together = ShootJudge(Settings())
    for name, seen in burst().items():
        verdict, marks = together.add(Frame(Path(name)), seen)
        assert verdict == judge(seen, Settings())
        assert marks == marks_for(verdict, Settings())


def test_a_moment_keeps_its_best_frame() -> None:
    """The sharpest is kept, one about as good is in doubt, the other is rejected for it; a single stays."""
    found = verdicts(burst(), Settings())
    assert {name: verdict.answer for name, verdict in found.items()} == {
        "1.jpg": "reject", "2.jpg": "keep", "3.jpg": "cannot_tell", "4.jpg": "keep",
    }  # fmt: skip
    places = {name: verdict.series for name, verdict in found.items()}
    assert [(place.kind, place.rank, place.size) for place in places.values() if place] == [
        ("burst", 3, 3), ("burst", 1, 3), ("burst", 2, 3), ("single", 1, 1),
    ]  # fmt: skip
    assert len({place.id for place in places.values() if place}) == 2


def test_the_order_of_hearing_changes_nothing() -> None:
    """Workers finish as they like: the verdicts are the same."""
    frames = burst()
    backwards = dict(reversed(frames.items()))
    assert verdicts(frames, Settings()) == verdicts(backwards, Settings())


def test_a_bracket_is_kept_whole() -> None:
    """Three even steps of exposure within a second: dark and bright frame are kept with the middle one."""
    light = {
        "dark.jpg": (1 / 500, 0.05, {"too_dark": 0.97}),
        "middle.jpg": (1 / 125, 0.45, {}),
        "bright.jpg": (1 / 31.25, 0.9, {"too_bright": 0.97}),
    }
    frames = {
        name: builders.evidence(
            capture=at(place / 3, shutter=shutter, aperture=8.0, iso=100),
            exposure=builders.exposure(median=median, low=0.0, high=max(0.3, median), clipped_bright=0.1),
            defects=defects,
            likeness=builders.make_embedding(3, take=place, difference=0.15),
        )
        for place, (name, (shutter, median, defects)) in enumerate(light.items())
    }
    assert judge(frames["dark.jpg"], Settings()).answer == "reject"
    found = verdicts(frames, Settings())
    assert {verdict.answer for verdict in found.values()} == {"keep"}
    assert {verdict.series.kind for verdict in found.values() if verdict.series} == {"bracket"}


def test_series_are_counted_by_their_kind() -> None:
    """What the table at the end tells."""
    together = ShootJudge(Settings())
    for name, seen in burst().items():
        together.add(Frame(Path(name)), seen)
    together.finish()
    assert dict(together.series_counts) == {"burst": 1, "single": 1}
    assert sorted(verdict.answer for verdict in together.verdicts()) == [
        "cannot_tell",
        "keep",
        "keep",
        "reject",
    ]


def test_a_photo_heard_twice_counts_once() -> None:
    """The same file again, as two catalog photos of it: it is no sibling of itself."""
    together = ShootJudge(Settings())
    seen = builders.evidence()
    for _ in range(2):
        together.add(Frame(Path("a.jpg")), seen)
    together.finish()
    verdict, _ = together.judge(Frame(Path("a.jpg")), seen)
    assert verdict.series is not None
    assert (verdict.series.kind, verdict.series.size) == ("single", 1)


def test_a_photo_that_nobody_heard_is_judged_alone() -> None:
    """Nothing is made up about it."""
    together = ShootJudge(Settings())
    together.finish()
    verdict, _ = together.judge(Frame(Path("late.jpg")), builders.evidence())
    assert verdict == judge(builders.evidence(), Settings())


@pytest.mark.parametrize("trust", ["ignore", "doubt"])
def test_the_settings_reach_the_series(trust: str) -> None:
    """A photographer who does not want to lose frames to better ones loses none."""
    found = verdicts(burst(), Settings.model_validate({"series_trust": trust}))
    assert "reject" not in {verdict.answer for verdict in found.values()}


class BurstSource:
    """The burst as a source of two passes; notes what was called."""

    def __init__(self) -> None:
        self.calls: list[str] = []

    def run(self, judge: Judge) -> Generator[Judged, None, None]:
        """Yield the frames, the last one first."""
        try:
            for name, evidence in reversed(burst().items()):
                self.calls.append(f"add {name}")
                yield Judged(Frame(Path(name)), evidence, *judge(Frame(Path(name)), evidence))
        finally:
            self.calls.append("closed")

    def results(self, judge: Judge) -> Iterator[Judged]:
        """Yield the frames by name."""
        for name, evidence in burst().items():
            yield Judged(Frame(Path(name)), evidence, *judge(Frame(Path(name)), evidence))


def test_second_pass_yields_final_verdicts() -> None:
    """`on_result` receives the verdicts of the first pass; the iterator yields the final ones."""
    first: list[Judged] = []
    final = list(judge_shoot(BurstSource(), ShootJudge(Settings()), on_result=first.append))
    assert [str(result.frame.path) for result in first] == ["4.jpg", "3.jpg", "2.jpg", "1.jpg"]
    assert {result.verdict.answer for result in first} == {"keep"}
    expected = verdicts(burst(), Settings())
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
