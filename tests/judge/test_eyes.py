"""Eyes, per face and per photo: open, closed or cannot tell."""

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
    ("seen", "state"),
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
        pytest.param(face(0.02, pitch=-35.0), "cannot_tell", id="looks down"),
        pytest.param(face(0.95, pitch=-35.0), "open", id="bowed, eyes open"),
        pytest.param(face(0.02, pitch=35.0), "closed", id="head back, closed"),
        pytest.param(face(0.05, aspect=0.5), "cannot_tell", id="sunglasses"),
        pytest.param(face(0.02, mesh_score=0.2), "cannot_tell", id="no mesh"),
        pytest.param(face(0.02, score=0.2), "cannot_tell", id="hardly a face"),
        pytest.param(NO_EYES, "cannot_tell", id="no eyes found"),
    ],
)
def test_each_face_has_a_state(seen: Face, state: str) -> None:
    """A face is open or closed where its eyes can be judged and agree, and cannot tell elsewhere."""
    assert judge_face(seen, SETTINGS).state == state


def test_a_face_turned_aside_is_heard_by_its_nearer_eye() -> None:
    """In a half profile the far eye is a sliver: the wide eye alone decides."""
    near, far = eye(0.95, size=40.0), eye(0.02, size=12.0)
    turned = face(yaw=45.0, eyes=(far, near))
    assert judge_face(turned, SETTINGS).state == "open"
    assert judge_face(replace(turned, yaw=0.0), SETTINGS).state == "cannot_tell"


def test_the_wider_eye_weighs_more() -> None:
    """A face's open probability is the mean over its eyes, weighted by their width."""
    seen = face(eyes=(eye(0.9, size=30.0), eye(0.5, size=10.0)))
    assert judge_face(seen, SETTINGS).open == pytest.approx(0.8)


def test_eyes_without_a_width_are_too_small() -> None:
    """Eyes whose corners fall together are no ground to divide by zero; they are not judged."""
    found = judge_face(face(0.02, size=0.0), SETTINGS)
    assert (found.state, found.open) == ("cannot_tell", 0.02)


def test_no_faces_is_an_answer_of_its_own() -> None:
    """A photo without faces says so, without a probability and without states."""
    assert judge_eyes(evidence(), SETTINGS)[:3] == ("no_faces", None, ())


def test_nine_blinks_are_not_hidden_by_one_good_face() -> None:
    """One pair of open eyes among nine closed ones does not make the photo open."""
    faces = (face(0.99), *(face(0.02, prominence=0.9) for _ in range(9)))
    found = judge_eyes(evidence(faces=faces), SETTINGS)
    assert found.answer == "closed"
    assert found.closed is not None


@pytest.mark.parametrize("prominence", [0.0, 0.1, 0.25])
def test_a_bystander_has_no_say(prominence: float) -> None:
    """A closed face at the gate or under it changes nothing but its own state."""
    found = judge_eyes(evidence(faces=(face(0.97), face(0.01, prominence=prominence))), SETTINGS)
    assert (found.answer, found.open) == ("open", 0.97)
    assert found.states == ("open", "closed")


def test_a_face_between_gate_and_full_has_part_of_its_say() -> None:
    """Half way between the gate and full prominence, closed eyes count half."""
    half = (SETTINGS.eyes_gate + SETTINGS.eyes_full) / 2
    found = judge_eyes(evidence(faces=(face(0.97), face(0.0, prominence=half))), SETTINGS)
    assert found.open == pytest.approx(0.5)


def test_gate_and_full_may_be_the_same() -> None:
    """Without a ramp, a face above the gate has its full say at once."""
    hard = SETTINGS.model_copy(update={"eyes_full": SETTINGS.eyes_gate})
    found = judge_eyes(evidence(faces=(face(0.97), face(0.02, prominence=0.3))), hard)
    assert found.open == 0.02


def test_one_blink_in_a_large_group_raises_doubt_only() -> None:
    """Of eight faces, one less prominent blink may not reject; four may, and so may the main face."""
    others = tuple(face(0.97, prominence=0.8) for _ in range(6))
    blink = face(0.02, prominence=0.8)
    one = judge_eyes(evidence(faces=(face(0.97), blink, *others)), SETTINGS)
    assert one.closed is None
    assert one.worst is not None
    four = judge_eyes(evidence(faces=(face(0.97), *(blink,) * 4, *others[:3])), SETTINGS)
    assert four.closed is not None
    main = judge_eyes(evidence(faces=(face(0.02), *others)), SETTINGS)
    assert main.closed is not None


def test_a_group_counts_faces_whose_eyes_cannot_be_judged() -> None:
    """Guests in sunglasses or without visible eyes are guests: one blink among them raises doubt only."""
    unclear = (face(0.05, aspect=0.5, prominence=0.8), replace(NO_EYES, prominence=0.8))
    blink = face(0.02, prominence=0.8)
    assert judge_eyes(evidence(faces=(face(0.97), blink, *unclear, *unclear)), SETTINGS).closed is None
    assert judge_eyes(evidence(faces=(face(0.97), blink, *unclear)), SETTINGS).closed is not None


def test_a_blink_of_two_may_reject() -> None:
    """The rule for groups does not spare a couple."""
    assert judge_eyes(evidence(faces=(face(0.97), face(0.02, prominence=0.9))), SETTINGS).closed is not None


def test_a_face_where_there_are_no_people_may_not_reject() -> None:
    """A statue or a pattern taken for a face with closed eyes raises doubt at most."""
    found = judge_eyes(evidence(faces=(face(0.02),), category={"people": 0.01}), SETTINGS)
    assert found.closed is None
    assert found.answer == "closed"


def test_unclear_faces_alone_cannot_tell_but_show_their_number() -> None:
    """Where no face may be judged, the answer is cannot tell, with the probability that was seen."""
    found = judge_eyes(evidence(faces=(face(0.05, aspect=0.5),)), SETTINGS)
    assert (found.answer, found.open, found.worst) == ("cannot_tell", 0.05, None)


def test_faces_without_eyes_have_no_number() -> None:
    """Where no eyes were found there is no probability to report."""
    assert judge_eyes(evidence(faces=(NO_EYES,)), SETTINGS)[:2] == ("cannot_tell", None)


def test_a_main_face_in_sunglasses_leaves_the_photo_undecided() -> None:
    """A lesser face's open eyes do not answer for the main face."""
    faces = (face(0.05, aspect=0.5), face(0.97, prominence=0.6))
    assert judge_eyes(evidence(faces=faces), SETTINGS).answer == "cannot_tell"


def test_the_deciding_faces_are_named() -> None:
    """The worst face is the one of lowest counted probability, wherever it stands."""
    found = judge_eyes(evidence(faces=(face(0.9), face(0.04, prominence=0.9), face(0.3))), SETTINGS)
    assert found.worst is not None
    assert found.worst.face == 1


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
    main = tuple(face(chance, prominence=1.0 if place == 0 else 0.7) for place, chance in enumerate(opens))

    def ask(crowd: list[float]) -> tuple[object, ...]:
        found = judge_eyes(evidence(faces=main + tuple(face(one, prominence=0.0) for one in crowd)), SETTINGS)
        return found.answer, found.open, found.worst, found.closed

    assert ask(bystanders) == ask(sorted(bystanders)) == ask([])
