"""Ranking within a series: eyes before focus before light, and the best frame is kept."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autocull.judge import PROFILES, RankResult, Settings, judge, make_rank_input, rank
from autocull.judge.verdict import BetterFrame
from autocull.measure.evidence import Evidence, Face
from autocull.read.photo import Box
from support.baseline_rules import LIMITS
from support.evidence_builders import evidence, exposure, face, focus
from support.series_factories import rank_frames, series_of


def order(results: dict[str, RankResult]) -> list[str]:
    """Return the names from the best to the last."""
    return sorted(results, key=lambda name: results[name].position.rank)


def code(results: dict[str, RankResult], name: str) -> str | None:
    """Return the code of the reason against a frame, None without one."""
    reason = results[name].reason
    return None if reason is None else reason.code


def better_frame_of(results: dict[str, RankResult], name: str) -> BetterFrame:
    """Return the better frame that the reason against a frame refers to."""
    reason = results[name].reason
    assert reason is not None
    assert reason.better_frame is not None
    return reason.better_frame


def portrait(opened: float, sharp: float = 0.97, **changes: float) -> Evidence:
    """Make a portrait of these probabilities of open eyes and of a sharp subject."""
    return evidence(faces=(face(opened),), focus=focus(sharp), exposure=exposure(**changes))


BLINK = evidence(faces=(face(0.02, lids=0.25),))
"""A portrait with closed eyes that is not rejected alone, since the lids do not agree."""


def group_face(left: float, opened: float) -> Face:
    """Make a face of a group by its left edge and its probability of open eyes."""
    return face(opened, box=Box(left, 0.3, left + 0.1, 0.5))


def test_open_eyes_come_before_a_sharper_frame() -> None:
    """Where there are people, a blink costs more than some softness."""
    results = rank_frames({"blink": portrait(0.6, 0.99), "soft": portrait(0.97, 0.7)}, LIMITS)
    assert order(results) == ["soft", "blink"]
    assert better_frame_of(results, "blink").eyes == pytest.approx(0.37)


def test_the_sharper_subject_is_the_better_frame() -> None:
    """Without people the subject's focus decides, and the reason has the difference."""
    results = rank_frames({"a": evidence(focus=focus(0.7)), "b": evidence(focus=focus(0.95))}, LIMITS)
    assert order(results) == ["b", "a"]
    assert code(results, "b") is None
    assert code(results, "a") == "better_in_series"
    assert better_frame_of(results, "a").sharp == pytest.approx(0.25)
    assert better_frame_of(results, "a").path.name == "b"


def test_light_is_compared_with_the_series_alone() -> None:
    """In a low-key series the bright frame is behind, and no dark frame is."""
    dark = {name: evidence(exposure=exposure(median=0.1)) for name in ("a", "b", "c")}
    results = rank_frames({**dark, "lit": evidence(exposure=exposure(median=0.45))}, LIMITS)
    assert order(results)[-1] == "lit"
    assert better_frame_of(results, "lit").light == pytest.approx(0.7)
    assert [code(results, name) for name in ("b", "c")] == ["better_doubtful"] * 2


def test_blown_highlights_count_against_the_least_blown() -> None:
    """Of two frames as bright, the one that lost more to white is behind."""
    results = rank_frames(
        {
            "blown": evidence(exposure=exposure(clipped_bright=0.2)),
            "whole": evidence(exposure=exposure(clipped_bright=0.01)),
        },
        LIMITS,
    )
    assert order(results) == ["whole", "blown"]


def test_frames_about_as_good_as_the_best_raise_a_doubt() -> None:
    """Within the margin there is a doubt; beyond it the frame is rejected."""
    frames = {name: evidence(focus=focus(sharp)) for name, sharp in (("a", 0.97), ("b", 0.95), ("c", 0.9))}
    results = rank_frames(frames, LIMITS)
    assert [code(results, name) for name in "abc"] == [None, "better_doubtful", "better_in_series"]
    reason = results["c"].reason
    assert reason is not None
    assert reason.measured < reason.limit


def test_of_equals_the_first_is_the_best() -> None:
    """Equal frames stay in the order of shooting."""
    assert order(rank_frames({name: evidence() for name in ("x", "b", "m")}, LIMITS)) == ["x", "b", "m"]


def test_series_keep_is_the_number_of_frames_kept() -> None:
    """With two, the second best is kept too, and the third is compared with it."""
    frames = {name: evidence(focus=focus(sharp)) for name, sharp in (("a", 0.97), ("b", 0.85), ("c", 0.7))}
    results = rank_frames(frames, LIMITS.model_copy(update={"series_keep": 2}))
    assert [code(results, name) for name in "abc"] == [None, None, "better_in_series"]
    assert better_frame_of(results, "c").path.name == "b"


def test_blinking_faces_are_counted_from_the_left() -> None:
    """Named are the faces of a group that are closed, and open in the better frame."""
    good = evidence(faces=(group_face(0.1, 0.97), group_face(0.4, 0.97), group_face(0.7, 0.97)))
    blink = evidence(faces=(group_face(0.72, 0.03), group_face(0.1, 0.97), group_face(0.4, 0.03)))
    results = rank_frames({"blink": blink, "good": good}, LIMITS.model_copy(update={"eyes_trust": "doubt"}))
    assert better_frame_of(results, "blink").blinking == (2, 3)
    assert better_frame_of(results, "blink").faces == 3


def test_a_face_closed_in_both_frames_is_not_named() -> None:
    """A person whose eyes are closed in the better frame too is not named; nor is one who is not in it."""
    better = evidence(faces=(group_face(0.1, 0.97), group_face(0.4, 0.03)))
    worse = evidence(faces=(group_face(0.1, 0.03), group_face(0.4, 0.03), group_face(0.85, 0.03)))
    results = rank_frames(
        {"worse": worse, "better": better}, LIMITS.model_copy(update={"eyes_trust": "doubt"})
    )
    assert better_frame_of(results, "worse").blinking == (1,)


def test_one_blink_in_a_group_is_better_than_three() -> None:
    """Among frames with equal worst faces, fewer blinks win."""
    frames = {
        str(blinks): evidence(
            faces=tuple(group_face(0.1 + 0.2 * index, 0.03 if index < blinks else 0.97) for index in range(4))
        )
        for blinks in (3, 1, 2)
    }
    assert order(rank_frames(frames, LIMITS.model_copy(update={"eyes_trust": "doubt"}))) == ["1", "2", "3"]


def test_a_face_missing_in_one_frame_decides_nothing() -> None:
    """A frame without eyes to judge has the mean openness of the series, so the focus decides."""
    frames = {"turned": evidence(focus=focus(0.97)), "frontal": portrait(0.95, 0.8)}
    assert order(rank_frames(frames, LIMITS)) == ["turned", "frontal"]


def test_a_rejected_frame_is_never_the_best_of_others() -> None:
    """A frame that is rejected alone ranks last, whatever its merit, and gets no second reason."""
    crushed = evidence(defects={"low_quality": 0.99})
    results = rank_frames({"crushed": crushed, "soft": evidence(focus=focus(0.6))}, LIMITS)
    assert order(results) == ["soft", "crushed"]
    assert code(results, "crushed") is None


def test_nothing_is_rejected_for_a_doubtful_best() -> None:
    """Where the best is in doubt, the others are too: a moment is never lost as a whole."""
    frames = {"best": evidence(focus=focus(0.38)), "worse": evidence(focus=focus(0.25))}
    assert code(rank_frames(frames, LIMITS), "worse") == "better_doubtful"


@pytest.mark.parametrize("kind", ["bracket", "focus_stack", "panorama"])
def test_a_set_has_no_winner(kind: str) -> None:
    """Ranks are those of shooting, and no frame has a reason against it."""
    frames = {"1": evidence(focus=focus(0.3)), "2": evidence(), "3": evidence(focus=focus(0.6))}
    results = rank_frames(frames, LIMITS, kind)  # type: ignore[arg-type]
    assert order(results) == ["1", "2", "3"]
    assert {code(results, name) for name in frames} == {None}


def test_of_copies_the_largest_stays_and_raw_before_others() -> None:
    """An export is a copy of its original, however sharp it is."""
    frames = {
        "web.jpg": evidence(width=2048, height=1365, focus=focus(0.99)),
        "full.jpg": evidence(),
        "full.nef": evidence(kind="raw"),
    }
    results = rank_frames(frames, LIMITS, "duplicate")
    assert order(results) == ["full.nef", "full.jpg", "web.jpg"]
    assert [code(results, name) for name in frames] == ["copy", "copy", None]
    reason = results["web.jpg"].reason
    assert reason is not None
    assert (reason.measured, reason.limit) == (2048, 6000)


def test_raw_stays_though_its_preview_is_smaller_than_the_jpeg() -> None:
    """A RAW file is measured by its preview, whose size is not that of the photo."""
    frames = {"full.jpg": evidence(), "full.nef": evidence(kind="raw", width=1616, height=1080)}
    results = rank_frames(frames, LIMITS, "duplicate")
    assert order(results) == ["full.nef", "full.jpg"]
    assert code(results, "full.nef") is None


@pytest.mark.parametrize("copy", ["X (1).JPG", "X - Copy.JPG", "X copy.JPG", "X-2.JPG"])
def test_of_equal_copies_the_original_name_stays(copy: str) -> None:
    """Programs make the name of a copy longer."""
    results = rank_frames({copy: evidence(), "X.JPG": evidence()}, LIMITS, "duplicate")
    assert code(results, "X.JPG") is None


def test_copies_in_a_burst_are_compared_with_their_original_only() -> None:
    """The RAW of a burst stays before its own JPEG, however sharp that is; other frames get no copy."""
    frames = {
        "1.nef": evidence(kind="raw", width=1616, focus=focus(0.95)),
        "1.jpg": evidence(focus=focus(0.99)),
        "2.nef": evidence(kind="raw", focus=focus(0.6)),
    }
    series = replace(series_of(*frames), copies=((Path("1.nef"), Path("1.jpg")),))
    inputs = {
        Path(name): make_rank_input(Path(name), each, judge(each, LIMITS), LIMITS)
        for name, each in frames.items()
    }
    results = {path.name: result for path, result in rank(series, inputs, LIMITS).items()}
    assert order(results) == ["1.nef", "2.nef", "1.jpg"]
    assert [code(results, name) for name in frames] == [None, "copy", "better_in_series"]


def test_of_equal_sized_copies_the_clearly_better_stays() -> None:
    """A copy with compression loss comes last, whatever its name; of two without, the first is kept."""
    crushed = evidence(defects={"low_quality": 0.8})
    assert order(rank_frames({"a": crushed, "b": evidence()}, LIMITS, "duplicate")) == ["b", "a"]
    again = evidence(defects={"low_quality": 0.03})
    assert order(rank_frames({"a": again, "b": evidence()}, LIMITS, "duplicate")) == ["a", "b"]


def test_copies_of_a_doubtful_photo_are_in_doubt() -> None:
    """A copy is rejected only where the one that is kept is surely good."""
    soft = evidence(focus=focus(0.35))
    assert code(rank_frames({"a": soft, "b": soft}, LIMITS, "duplicate"), "b") == "copy_doubtful"


@pytest.mark.parametrize("kind", ["burst", "duplicate"])
@pytest.mark.parametrize(("trust", "rejects"), [("reject", True), ("doubt", False), ("ignore", None)])
def test_series_trust_limits_the_answer(kind: str, trust: str, rejects: bool | None) -> None:
    """A better frame may reject, only raise a doubt, or be ignored."""
    frames = {"a": evidence(), "b": evidence(focus=focus(0.6))}
    results = rank_frames(frames, LIMITS.model_copy(update={"series_trust": trust}), kind)  # type: ignore[arg-type]
    actual = code(results, "b")
    expected = {
        True: ("better_in_series", "copy"),
        False: ("better_doubtful", "copy_doubtful"),
        None: (None,),
    }
    assert actual in expected[rejects]


sharpness = st.floats(0.45, 1.0)


@given(st.lists(st.tuples(sharpness, sharpness), min_size=1, max_size=8), st.sampled_from(sorted(PROFILES)))
def test_every_series_keeps_one_and_each_rank_is_given_once(
    frames: list[tuple[float, float]], profile: str
) -> None:
    """Ranks run from 1 to the size, one frame has no reason against it, and all name the same best."""
    settings: Settings = PROFILES[profile]
    portraits = {str(index): portrait(opened, sharp) for index, (opened, sharp) in enumerate(frames)}
    results = rank_frames(portraits, settings)
    assert sorted(each.position.rank for each in results.values()) == list(range(1, len(frames) + 1))
    assert len({each.position.best for each in results.values()}) == 1
    assert any(each.reason is None for each in results.values())
    best = next(each for each in results.values() if each.position.rank == 1)
    assert best.position.best.name in results


@given(sharpness, sharpness)
def test_a_better_sibling_never_helps(one: float, other: float) -> None:
    """A frame that gets sharper cannot fall behind one that stays as it is."""
    frames = {"still": evidence(focus=focus(one)), "other": evidence(focus=focus(other))}
    before = rank_frames(frames, LIMITS)["other"].position.rank
    frames["other"] = replace(frames["other"], focus=focus(min(1.0, other + 0.2)))
    assert rank_frames(frames, LIMITS)["other"].position.rank <= before


def test_a_blink_next_to_a_frame_as_good_rejects() -> None:
    """The same face, open in a frame as sharp and as well lit, is the strongest evidence of a blink."""
    results = rank_frames({"blink": BLINK, "open": portrait(0.97)}, LIMITS)
    assert code(results, "open") is None
    assert code(results, "blink") == "blink_in_series"
    assert better_frame_of(results, "blink").path.name == "open"
    assert better_frame_of(results, "blink").blinking == (1,)


def test_eyes_closed_on_purpose_reject_next_to_open_ones() -> None:
    """Within a series a laugh with open eyes is the better frame."""
    frames = {name: evidence(faces=(face(opened, mouth=0.5),)) for name, opened in (("a", 0.02), ("b", 0.97))}
    assert code(rank_frames(frames, LIMITS), "a") == "blink_in_series"


def test_a_blink_is_not_kept_even_where_many_frames_are() -> None:
    """`series_keep` counts frames without a blink."""
    frames = {"a": portrait(0.97), "b": portrait(0.96), "blink": BLINK, "soft": portrait(0.97, 0.5)}
    results = rank_frames(frames, LIMITS.model_copy(update={"series_keep": 3}))
    assert {name: code(results, name) for name in frames} == {
        "a": None,
        "b": None,
        "blink": "blink_in_series",
        "soft": None,
    }


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(portrait(0.97, 0.6), id="softer"),
        pytest.param(portrait(0.97, median=0.95), id="worse light"),
    ],
)
def test_a_blink_next_to_a_worse_frame_is_no_proof(other: Evidence) -> None:
    """The frame with open eyes has to be as good otherwise."""
    results = rank_frames({"blink": BLINK, "other": other, "third": BLINK}, LIMITS)
    assert "blink_in_series" not in {code(results, name) for name in ("blink", "other", "third")}


def test_two_who_blink_in_turns_reject_neither_frame() -> None:
    """Of two frames in each of which another face blinks, none proves the other's blink."""
    left, right = (face(0.02, lids=0.25, box=Box(x, 0.3, x + 0.1, 0.5)) for x in (0.1, 0.5))
    first = evidence(faces=(left, group_face(0.5, 0.97)))
    second = evidence(faces=(group_face(0.1, 0.97), right))
    results = rank_frames({"first": first, "second": second}, LIMITS)
    assert "blink_in_series" not in {code(results, "first"), code(results, "second")}


@pytest.mark.parametrize("trust", ["eyes_trust", "series_trust"])
def test_a_blink_rejects_only_where_eyes_and_series_may(trust: str) -> None:
    """The strongest answer of both criteria limits this one."""
    limits = LIMITS.model_copy(update={trust: "doubt"})
    results = rank_frames({"blink": BLINK, "open": portrait(0.97)}, limits)
    assert code(results, "blink") != "blink_in_series"
