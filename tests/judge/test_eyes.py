"""The state of the eyes of each face and of the photo."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autocull.judge import PROFILES, Settings
from autocull.judge.eyes import judge_eyes, judge_face
from autocull.measure.evidence import Face
from support.evidence_builders import evidence, eye, face

SETTINGS = Settings()
NO_EYES = replace(face(), eyes=())


@pytest.mark.parametrize(
    ("measured", "state"),
    [
        pytest.param(face(0.97), "open", id="open"),
        pytest.param(face(0.02), "closed", id="closed"),
        pytest.param(face(0.45), "cannot_tell", id="half closed"),
        pytest.param(face((0.95, 0.03)), "cannot_tell", id="wink"),
        pytest.param(face((0.99, 0.2)), "open", id="hair over one eye"),
        pytest.param(face(0.02, size=5.0), "cannot_tell", id="closed, but too small"),
        pytest.param(face(0.97, size=5.0), "cannot_tell", id="open, but too small"),
        pytest.param(face(0.02, yaw=75.0), "cannot_tell", id="turned to the right"),
        pytest.param(face(0.02, yaw=-75.0), "cannot_tell", id="turned to the left"),
        pytest.param(face(0.02, pitch=-50.0), "cannot_tell", id="bowed too far"),
        pytest.param(face(0.02, pitch=-35.0), "closed", id="looks down"),
        pytest.param(face(0.95, pitch=-35.0), "open", id="bowed, eyes open"),
        pytest.param(face(0.02, pitch=35.0), "closed", id="head back, closed"),
        pytest.param(face(0.05, aspect=0.5), "cannot_tell", id="sunglasses"),
        pytest.param(face(0.02, mesh_score=0.2), "cannot_tell", id="no mesh"),
        pytest.param(face(0.02, score=0.2), "cannot_tell", id="uncertain face"),
        pytest.param(NO_EYES, "cannot_tell", id="no eyes found"),
    ],
)
def test_each_face_has_a_state(measured: Face, state: str) -> None:
    """A face is open or closed where its eyes can be judged and agree, else "cannot_tell"."""
    assert judge_face(measured, SETTINGS).state == state


def test_a_face_turned_sideways_counts_by_its_nearer_eye() -> None:
    """In a half profile the far eye is a sliver: the wide eye alone decides."""
    near, far = eye(0.95, size=40.0), eye(0.02, size=12.0)
    turned = face(yaw=45.0, eyes=(far, near))
    assert judge_face(turned, SETTINGS).state == "open"
    assert judge_face(replace(turned, yaw=0.0), SETTINGS).state == "cannot_tell"


def test_the_wider_eye_weighs_more() -> None:
    """A face's open probability is the mean over its eyes, weighted by their width."""
    measured = face(eyes=(eye(0.9, size=30.0), eye(0.5, size=10.0)))
    assert judge_face(measured, SETTINGS).open == pytest.approx(0.8)


def test_eyes_without_a_width_are_too_small() -> None:
    """Eyes whose corners coincide do not divide by zero; they are not judged."""
    result = judge_face(face(0.02, size=0.0), SETTINGS)
    assert (result.state, result.open) == ("cannot_tell", 0.02)


def test_no_faces_is_an_answer_of_its_own() -> None:
    """A photo without faces has its own answer, no probability and no states."""
    assert judge_eyes(evidence(), SETTINGS)[:3] == ("no_faces", None, ())


def test_nine_blinks_are_not_hidden_by_one_good_face() -> None:
    """One pair of open eyes among nine closed ones does not make the photo open."""
    faces = (face(0.99), *(face(0.02, prominence=0.9) for _ in range(9)))
    result = judge_eyes(evidence(faces=faces), SETTINGS)
    assert result.answer == "closed"
    assert result.closed is not None


@pytest.mark.parametrize("prominence", [0.0, 0.1, 0.25])
def test_a_bystander_does_not_count(prominence: float) -> None:
    """A closed face at `eyes_gate` or below changes only its own state."""
    result = judge_eyes(evidence(faces=(face(0.97), face(0.01, prominence=prominence))), SETTINGS)
    assert (result.answer, result.open) == ("open", 0.97)
    assert result.states == ("open", "closed")


def test_a_face_between_gate_and_full_counts_in_part() -> None:
    """Half way between `eyes_gate` and `eyes_full`, closed eyes count half."""
    half = (SETTINGS.eyes_gate + SETTINGS.eyes_full) / 2
    result = judge_eyes(evidence(faces=(face(0.97), face(0.0, prominence=half))), SETTINGS)
    assert result.open == pytest.approx(0.5)


def test_both_prominence_limits_may_be_equal() -> None:
    """Without a ramp, a face above the lower limit counts fully."""
    hard = SETTINGS.model_copy(update={"eyes_full": SETTINGS.eyes_gate})
    result = judge_eyes(evidence(faces=(face(0.97), face(0.02, prominence=0.3))), hard)
    assert result.open == 0.02


def test_one_blink_in_a_large_group_raises_doubt_only() -> None:
    """Of eight faces, one less prominent blink may not reject; four may, and so may the main face."""
    others = tuple(face(0.97, prominence=0.8) for _ in range(6))
    blink = face(0.02, prominence=0.8)
    single = judge_eyes(evidence(faces=(face(0.97), blink, *others)), SETTINGS)
    assert single.closed is None
    assert single.worst is not None
    four = judge_eyes(evidence(faces=(face(0.97), *(blink,) * 4, *others[:3])), SETTINGS)
    assert four.closed is not None
    main = judge_eyes(evidence(faces=(face(0.02), *others)), SETTINGS)
    assert main.closed is not None


def test_a_group_counts_faces_whose_eyes_cannot_be_judged() -> None:
    """Faces in sunglasses or without visible eyes belong to the group: one blink only raises a doubt."""
    unclear = (face(0.05, aspect=0.5, prominence=0.8), replace(NO_EYES, prominence=0.8))
    blink = face(0.02, prominence=0.8)
    assert judge_eyes(evidence(faces=(face(0.97), blink, *unclear, *unclear)), SETTINGS).closed is None
    assert judge_eyes(evidence(faces=(face(0.97), blink, *unclear)), SETTINGS).closed is not None


def test_a_blink_of_two_may_reject() -> None:
    """The rule for groups does not apply to a couple."""
    assert judge_eyes(evidence(faces=(face(0.97), face(0.02, prominence=0.9))), SETTINGS).closed is not None


def test_a_face_where_there_are_no_people_may_not_reject() -> None:
    """A statue or a pattern taken for a face with closed eyes raises doubt at most."""
    result = judge_eyes(evidence(faces=(face(0.02),), category={"people": 0.01}), SETTINGS)
    assert result.closed is None
    assert result.answer == "closed"


def test_unclear_faces_alone_leave_the_photo_undecided() -> None:
    """Where no face can be judged, the answer is "cannot_tell", with the measured probability."""
    result = judge_eyes(evidence(faces=(face(0.05, aspect=0.5),)), SETTINGS)
    assert (result.answer, result.open, result.worst) == ("cannot_tell", 0.05, None)


def test_faces_without_eyes_have_no_number() -> None:
    """Where no eyes were found there is no probability to report."""
    assert judge_eyes(evidence(faces=(NO_EYES,)), SETTINGS)[:2] == ("cannot_tell", None)


def test_a_main_face_in_sunglasses_leaves_the_photo_undecided() -> None:
    """A lesser face's open eyes do not answer for the main face."""
    faces = (face(0.05, aspect=0.5), face(0.97, prominence=0.6))
    assert judge_eyes(evidence(faces=faces), SETTINGS).answer == "cannot_tell"


def test_the_deciding_faces_are_named() -> None:
    """The worst face is the one of lowest weighted probability, at any index."""
    result = judge_eyes(evidence(faces=(face(0.9), face(0.04, prominence=0.9), face(0.3))), SETTINGS)
    assert result.worst is not None
    assert result.worst.face == 1


ORDER = {"closed": 0, "cannot_tell": 1, "open": 2}
chances = st.floats(0, 1)


@given(
    left=chances,
    right=chances,
    less=chances,
    yaw=st.floats(-90, 90),
    pitch=st.floats(-60, 60),
    aspect=st.floats(0, 0.6),
    size=st.floats(1, 60),
    profile=st.sampled_from(sorted(PROFILES)),
)
def test_closing_an_eye_never_opens_the_face(
    left: float, right: float, less: float, yaw: float, pitch: float, aspect: float, size: float, profile: str
) -> None:
    """A lower open probability of one eye never moves the face towards open."""
    before, after = (
        judge_face(face((first, right), yaw=yaw, pitch=pitch, aspect=aspect, size=size), PROFILES[profile])
        for first in (left, left * less)
    )
    assert ORDER[after.state] <= ORDER[before.state]
    assert after.clear == before.clear


@given(opens=st.lists(chances, min_size=1, max_size=8), bystanders=st.permutations([0.0, 0.3, 0.6, 0.9]))
def test_the_order_of_bystanders_does_not_matter(opens: list[float], bystanders: list[float]) -> None:
    """Permuting faces without prominence changes neither the answer nor its number."""
    main = tuple(face(chance, prominence=1.0 if index == 0 else 0.7) for index, chance in enumerate(opens))

    def judge_crowd(crowd: list[float]) -> tuple[object, ...]:
        result = judge_eyes(
            evidence(faces=main + tuple(face(chance, prominence=0.0) for chance in crowd)), SETTINGS
        )
        return result.answer, result.open, result.worst, result.closed

    assert judge_crowd(bystanders) == judge_crowd(sorted(bystanders)) == judge_crowd([])
