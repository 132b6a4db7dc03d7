"""A run's photos together: alone first, then beside their siblings, whatever the order they came in."""

from __future__ import annotations

from pathlib import Path

import pytest

from autocull.judge import Settings, judge, marks_for
from autocull.judge.verdict import Verdict
from autocull.measure.evidence import Evidence
from autocull.pipeline.two_pass import ShootJudge
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
            likeness=builders.likeness(1, taken=place, apart=0.1),
        )
        for place, sharp in enumerate((0.7, 0.98, 0.96))
    ]
    other = builders.evidence(capture=at(40), likeness=builders.likeness(2))
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
            likeness=builders.likeness(3, taken=place, apart=0.15),
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
