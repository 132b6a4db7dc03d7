"""Tests of decisions from marks: the user's before Autocull's, the flag before stars before label."""

from __future__ import annotations

import pytest

from autocull.judge.verdict import Marks
from autocull.output.sidecars.merge import marks_in, written_before
from autocull.output.sidecars.xmp_packet import Packet
from autocull.output.user_marks import Mark, MarkDecision, decision_from_marks
from support.xmp_samples import lightroom, merge_text

REJECTED = Marks(0, "red", -1)
PICKED = Marks(4, "green", 1)
STARRED = Marks(3, "none", 0)
DOUBTED = Marks(0, "yellow", 0)


def make_packet(autocull_marks: Marks | None, **changes: str | None) -> Packet:
    """Return a packet with Autocull's marks (None: never written), then changed by the user."""
    text = lightroom("")
    if autocull_marks is not None:
        text = merge_text(text, autocull_marks) or text
    spaces = {
        "Rating": "http://ns.adobe.com/xap/1.0/",
        "Label": "http://ns.adobe.com/xap/1.0/",
        "LabelColor": "http://ns.adobe.com/photoshop/1.0/",
        "pick": "http://ns.adobe.com/xmp/1.0/DynamicMedia/",
        "good": "http://ns.adobe.com/xmp/1.0/DynamicMedia/",
    }
    named = {f"{{{spaces[name]}}}{name}": value for name, value in changes.items()}
    return Packet.parse(Packet.parse(text).with_changes(named, {}))


def decide(packet: Packet, verdict_marks: Marks = STARRED) -> MarkDecision | None:
    """Return the decision of a packet whose present verdict would write `verdict_marks`."""
    return decision_from_marks(marks_in(packet), verdict_marks)


PICK = {"pick": "1", "good": "true"}
REJECT = {"pick": "-1", "good": "false"}
NO_FLAG = {"pick": "0", "good": None}
RED = {"Label": "Red", "LabelColor": "red"}


@pytest.mark.parametrize(
    ("autocull_marks", "changes", "expected"),
    [
        (REJECTED, PICK, MarkDecision("keep", "flag")),
        (REJECTED, NO_FLAG, MarkDecision("keep", "flag")),
        (REJECTED, {"Rating": "2"}, MarkDecision("keep", "rating")),
        (REJECTED, {"Label": None, "LabelColor": None}, MarkDecision("keep", "label")),
        (REJECTED, {"Label": "Album", "LabelColor": None}, MarkDecision("keep", "label")),
        (REJECTED, {"Rating": "2", **REJECT}, MarkDecision("keep", "rating")),
        (PICKED, REJECT, MarkDecision("reject", "flag")),
        (PICKED, {**NO_FLAG, "Rating": "1"}, MarkDecision("keep", "rating")),
        (PICKED, NO_FLAG, MarkDecision("keep", "left")),
        (PICKED, RED, MarkDecision("reject", "label")),
        (STARRED, RED, MarkDecision("keep", "left")),
        (STARRED, {"Rating": "-1"}, MarkDecision("reject", "flag")),
        (STARRED, {"Rating": None}, None),
        (DOUBTED, RED, MarkDecision("reject", "label")),
        (DOUBTED, {"Label": "Green", "LabelColor": "green"}, MarkDecision("keep", "label")),
        (DOUBTED, {"Label": None, "LabelColor": None}, None),
        (DOUBTED, {"Rating": "3", **REJECT}, MarkDecision("reject", "flag")),
    ],
)
def test_user_mark_decides(
    autocull_marks: Marks, changes: dict[str, str], expected: MarkDecision | None
) -> None:
    """A mark that the user set has a choice; one without a meaning is no decision."""
    assert decide(make_packet(autocull_marks, **changes)) == expected


@pytest.mark.parametrize(
    ("autocull_marks", "expected"),
    [(REJECTED, "reject"), (PICKED, "keep"), (STARRED, "keep"), (DOUBTED, None)],
)
def test_unchanged_marks_count_as_left(autocull_marks: Marks, expected: str | None) -> None:
    """Autocull's marks that were not changed count as "left"; "cannot tell" decides nothing."""
    decision = decide(make_packet(autocull_marks))
    assert (decision.choice, decision.by) == (expected, "left") if decision else expected is None


def test_marks_without_notes_decide() -> None:
    """In a sidecar that Autocull never wrote, flag and stars are the user's; labels have no meaning."""
    assert decide(make_packet(None, **REJECT)) == MarkDecision("reject", "flag")
    assert decide(make_packet(None, Rating="5"), REJECTED) == MarkDecision("keep", "rating")
    assert decide(make_packet(None, **RED)) is None
    assert decide(make_packet(None)) is None


@pytest.mark.parametrize("verdict_marks", [REJECTED, PICKED])
def test_marks_without_notes_that_equal_the_verdict_are_autoculls(verdict_marks: Marks) -> None:
    """The plug-in's marks reach a sidecar without a note: they do not count as the user's."""
    changes = REJECT if verdict_marks is REJECTED else PICK
    decision = decide(make_packet(None, **changes), verdict_marks)
    assert decision is not None
    assert decision.by == "left"


@pytest.mark.parametrize("autocull_marks", [REJECTED, PICKED, STARRED, DOUBTED])
def test_notes_are_read_as_they_were_written(autocull_marks: Marks) -> None:
    """Autocull's marks are read from the notes, whatever the user changed."""
    assert written_before(make_packet(autocull_marks)) == autocull_marks
    assert (
        written_before(make_packet(autocull_marks, Rating="5", Label="Blue", LabelColor="blue", **PICK))
        == autocull_marks
    )
    assert written_before(make_packet(None)) is None


@pytest.mark.parametrize("mark", ["Rating", "pick", "LabelColor"])
def test_invalid_notes_are_no_marks(mark: Mark) -> None:
    """An invalid note is read as "not set"."""
    note = f"{{https://autocull.github.io/ns/1.0/}}{mark}"
    packet = make_packet(REJECTED)
    prefixes = {"https://autocull.github.io/ns/1.0/": "autocull"}
    damaged = Packet.parse(packet.with_changes({note: "97"}, prefixes))
    marks = written_before(damaged)
    assert marks is not None
    assert 0 <= marks.rating <= 5
    assert abs(marks.flag) <= 1
    assert marks.label in ("none", "red")
