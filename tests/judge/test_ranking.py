"""Ranking: within a series only, eyes before focus before light, and the best of each stays."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autocull.judge import PROFILES, RankResult, Settings
from autocull.judge.verdict import BetterFrame
from autocull.measure.evidence import Evidence, Face
from autocull.read.photo import Box
from support.baseline_rules import LIMITS
from support.evidence_builders import evidence, exposure, face, focus
from support.series_factories import rank_frames


def order(found: dict[str, RankResult]) -> list[str]:
    """The names from the best to the last."""
    return sorted(found, key=lambda name: found[name].position.rank)


def code(found: dict[str, RankResult], name: str) -> str | None:
    """What stands against a frame, by its code."""
    against = found[name].reason
    return None if against is None else against.code


def beside(found: dict[str, RankResult], name: str) -> BetterFrame:
    """The other frame that the reason against a frame speaks of."""
    against = found[name].reason
    assert against is not None
    assert against.better_frame is not None
    return against.better_frame


def portrait(opened: float, sharp: float = 0.97, **changes: float) -> Evidence:
    """A portrait whose eyes are as open, and whose subject is as sharp, as told."""
    return evidence(faces=(face(opened),), focus=focus(sharp), exposure=exposure(**changes))


def guest(left: float, opened: float) -> Face:
    """One of a group: where the face begins, and how open its eyes are."""
    return face(opened, box=Box(left, 0.3, left + 0.1, 0.5))


def test_open_eyes_come_before_a_sharper_frame() -> None:
    """Where there are people, a blink costs more than some softness."""
    found = rank_frames({"blink": portrait(0.6, 0.99), "soft": portrait(0.97, 0.7)}, LIMITS)
    assert order(found) == ["soft", "blink"]
    assert beside(found, "blink").eyes == pytest.approx(0.37)


def test_the_sharper_subject_is_the_better_frame() -> None:
    """Without people the subject's focus decides, and the reason says by how much."""
    found = rank_frames({"a": evidence(focus=focus(0.7)), "b": evidence(focus=focus(0.95))}, LIMITS)
    assert order(found) == ["b", "a"]
    assert code(found, "b") is None
    assert code(found, "a") == "better_in_series"
    assert beside(found, "a").sharp == pytest.approx(0.25)
    assert beside(found, "a").path.name == "b"


def test_light_is_compared_with_the_series_alone() -> None:
    """In a low-key series the frame that falls out of it is behind, and no dark frame is."""
    dark = {name: evidence(exposure=exposure(median=0.1)) for name in ("a", "b", "c")}
    found = rank_frames({**dark, "lit": evidence(exposure=exposure(median=0.45))}, LIMITS)
    assert order(found)[-1] == "lit"
    assert beside(found, "lit").light == pytest.approx(0.7)
    assert [code(found, name) for name in ("b", "c")] == ["better_doubtful"] * 2


def test_blown_highlights_count_against_the_least_blown() -> None:
    """Of two frames as bright, the one that lost more to white is behind."""
    found = rank_frames(
        {
            "blown": evidence(exposure=exposure(clipped_bright=0.2)),
            "whole": evidence(exposure=exposure(clipped_bright=0.01)),
        },
        LIMITS,
    )
    assert order(found) == ["whole", "blown"]


def test_as_good_as_the_best_is_left_to_the_photographer() -> None:
    """Within the margin nobody can tell; beyond it the frame is rejected."""
    frames = {name: evidence(focus=focus(sharp)) for name, sharp in (("a", 0.97), ("b", 0.95), ("c", 0.9))}
    found = rank_frames(frames, LIMITS)
    assert [code(found, name) for name in "abc"] == [None, "better_doubtful", "better_in_series"]
    against = found["c"].reason
    assert against is not None
    assert against.measured < against.limit


def test_of_equals_the_first_is_the_best() -> None:
    """Frames that nothing tells apart stay in the order of the shooting."""
    assert order(rank_frames({name: evidence() for name in ("x", "b", "m")}, LIMITS)) == ["x", "b", "m"]


def test_so_many_are_kept_as_the_setting_says() -> None:
    """With keep-2 the second best stays too, and the third is measured against it."""
    frames = {name: evidence(focus=focus(sharp)) for name, sharp in (("a", 0.97), ("b", 0.85), ("c", 0.7))}
    found = rank_frames(frames, LIMITS.model_copy(update={"series_keep": 2}))
    assert [code(found, name) for name in "abc"] == [None, None, "better_in_series"]
    assert beside(found, "c").path.name == "b"


def test_who_blinks_is_named_by_place() -> None:
    """In a group, the faces that are closed here and open in the better frame are counted from the left."""
    good = evidence(faces=(guest(0.1, 0.97), guest(0.4, 0.97), guest(0.7, 0.97)))
    blink = evidence(faces=(guest(0.72, 0.03), guest(0.1, 0.97), guest(0.4, 0.03)))
    found = rank_frames({"blink": blink, "good": good}, LIMITS.model_copy(update={"eyes_trust": "doubt"}))
    assert beside(found, "blink").blinking == (2, 3)
    assert beside(found, "blink").faces == 3


def test_who_blinks_in_both_frames_is_no_reason() -> None:
    """A person whose eyes are closed in the better frame too is not named; nor is one who is not in it."""
    better = evidence(faces=(guest(0.1, 0.97), guest(0.4, 0.03)))
    worse = evidence(faces=(guest(0.1, 0.03), guest(0.4, 0.03), guest(0.85, 0.03)))
    found = rank_frames({"worse": worse, "better": better}, LIMITS.model_copy(update={"eyes_trust": "doubt"}))
    assert beside(found, "worse").blinking == (1,)


def test_one_blink_in_a_group_is_better_than_three() -> None:
    """Among frames whose worst face is as bad, fewer blinks win."""
    frames = {
        str(blinks): evidence(
            faces=tuple(guest(0.1 + 0.2 * place, 0.03 if place < blinks else 0.97) for place in range(4))
        )
        for blinks in (3, 1, 2)
    }
    assert order(rank_frames(frames, LIMITS.model_copy(update={"eyes_trust": "doubt"}))) == ["1", "2", "3"]


def test_a_face_that_is_not_found_once_decides_nothing() -> None:
    """A frame without eyes to judge is as open as its siblings, so the focus decides."""
    frames = {"turned": evidence(focus=focus(0.97)), "seen": portrait(0.95, 0.8)}
    assert order(rank_frames(frames, LIMITS)) == ["turned", "seen"]


def test_a_rejected_frame_is_never_the_best_of_others() -> None:
    """What was rejected for its own sake ranks last, whatever its merit, and gets no second reason."""
    crushed = evidence(defects={"low_quality": 0.99})
    found = rank_frames({"crushed": crushed, "soft": evidence(focus=focus(0.6))}, LIMITS)
    assert order(found) == ["soft", "crushed"]
    assert code(found, "crushed") is None


def test_nothing_is_rejected_for_a_doubtful_best() -> None:
    """Where the best is in doubt itself, the others are too: a whole moment is never lost to a guess."""
    frames = {"best": evidence(focus=focus(0.38)), "worse": evidence(focus=focus(0.25))}
    assert code(rank_frames(frames, LIMITS), "worse") == "better_doubtful"


@pytest.mark.parametrize("kind", ["bracket", "focus_stack", "panorama"])
def test_a_set_has_no_winner(kind: str) -> None:
    """Places are those of the shooting, and nothing stands against any frame."""
    frames = {"1": evidence(focus=focus(0.3)), "2": evidence(), "3": evidence(focus=focus(0.6))}
    found = rank_frames(frames, LIMITS, kind)  # type: ignore[arg-type]
    assert order(found) == ["1", "2", "3"]
    assert {code(found, name) for name in frames} == {None}


def test_of_copies_the_largest_stays_and_raw_before_others() -> None:
    """An export is a copy of its original, however sharp it looks."""
    frames = {
        "web.jpg": evidence(width=2048, height=1365, focus=focus(0.99)),
        "full.jpg": evidence(),
        "full.nef": evidence(kind="raw"),
    }
    found = rank_frames(frames, LIMITS, "duplicate")
    assert order(found) == ["full.nef", "full.jpg", "web.jpg"]
    assert [code(found, name) for name in frames] == ["copy", "copy", None]
    against = found["web.jpg"].reason
    assert against is not None
    assert (against.measured, against.limit) == (2048, 6000)


def test_of_copies_as_large_the_clearly_better_stays() -> None:
    """One that was saved badly is no original, whatever its name; of two saved as well, the first stays."""
    crushed = evidence(defects={"low_quality": 0.8})
    assert order(rank_frames({"a": crushed, "b": evidence()}, LIMITS, "duplicate")) == ["b", "a"]
    again = evidence(defects={"low_quality": 0.03})
    assert order(rank_frames({"a": again, "b": evidence()}, LIMITS, "duplicate")) == ["a", "b"]


def test_copies_of_a_doubtful_photo_are_in_doubt() -> None:
    """A copy is rejected only where what stays is surely good."""
    soft = evidence(focus=focus(0.35))
    assert code(rank_frames({"a": soft, "b": soft}, LIMITS, "duplicate"), "b") == "copy_doubtful"


@pytest.mark.parametrize("kind", ["burst", "duplicate"])
@pytest.mark.parametrize(("trust", "rejects"), [("reject", True), ("doubt", False), ("ignore", None)])
def test_what_a_series_may_say_is_a_setting(kind: str, trust: str, rejects: bool | None) -> None:
    """Trusted to reject, to doubt only, or not heard."""
    frames = {"a": evidence(), "b": evidence(focus=focus(0.6))}
    found = rank_frames(frames, LIMITS.model_copy(update={"series_trust": trust}), kind)  # type: ignore[arg-type]
    said = code(found, "b")
    expected = {
        True: ("better_in_series", "copy"),
        False: ("better_doubtful", "copy_doubtful"),
        None: (None,),
    }
    assert said in expected[rejects]


sharpness = st.floats(0.45, 1.0)


@given(st.lists(st.tuples(sharpness, sharpness), min_size=1, max_size=8), st.sampled_from(sorted(PROFILES)))
def test_every_series_keeps_one_and_each_place_is_taken_once(
    frames: list[tuple[float, float]], profile: str
) -> None:
    """Ranks run from 1 to the size, one frame has nothing against it, and all name the same best."""
    settings: Settings = PROFILES[profile]
    seen = {str(place): portrait(opened, sharp) for place, (opened, sharp) in enumerate(frames)}
    found = rank_frames(seen, settings)
    assert sorted(each.position.rank for each in found.values()) == list(range(1, len(frames) + 1))
    assert len({each.position.best for each in found.values()}) == 1
    assert any(each.reason is None for each in found.values())
    best = next(each for each in found.values() if each.position.rank == 1)
    assert best.position.best.name in found


@given(sharpness, sharpness)
def test_a_better_sibling_never_helps(one: float, other: float) -> None:
    """A frame that gets sharper cannot fall behind one that stays as it is."""
    frames = {"still": evidence(focus=focus(one)), "other": evidence(focus=focus(other))}
    before = rank_frames(frames, LIMITS)["other"].position.rank
    frames["other"] = replace(frames["other"], focus=focus(min(1.0, other + 0.2)))
    assert rank_frames(frames, LIMITS)["other"].position.rank <= before
