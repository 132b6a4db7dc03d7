"""What marks in a sidecar decide: hers before ours, the flag before the stars before the label."""

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


def sidecar(ours: Marks | None, **changes: str | None) -> Packet:
    """A sidecar that Autocull wrote `ours` into (None: never), then changed by her in some properties."""
    text = lightroom("")
    if ours is not None:
        text = merge_text(text, ours) or text
    spaces = {
        "Rating": "http://ns.adobe.com/xap/1.0/",
        "Label": "http://ns.adobe.com/xap/1.0/",
        "LabelColor": "http://ns.adobe.com/photoshop/1.0/",
        "pick": "http://ns.adobe.com/xmp/1.0/DynamicMedia/",
        "good": "http://ns.adobe.com/xmp/1.0/DynamicMedia/",
    }
    named = {f"{{{spaces[name]}}}{name}": value for name, value in changes.items()}
    return Packet.parse(Packet.parse(text).with_changes(named, {}))


def decision(packet: Packet, today: Marks = STARRED) -> MarkDecision | None:
    """What the packet decides where today's verdict would write `today`."""
    return decision_from_marks(marks_in(packet), today)


PICK = {"pick": "1", "good": "true"}
REJECT = {"pick": "-1", "good": "false"}
NO_FLAG = {"pick": "0", "good": None}
RED = {"Label": "Red", "LabelColor": "red"}


@pytest.mark.parametrize(
    ("ours", "changes", "expected"),
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
def test_what_she_changed_decides(
    ours: Marks, changes: dict[str, str], expected: MarkDecision | None
) -> None:
    """A mark of hers says what she chose; what says nothing is no decision."""
    assert decision(sidecar(ours, **changes)) == expected


@pytest.mark.parametrize(
    ("ours", "expected"), [(REJECTED, "reject"), (PICKED, "keep"), (STARRED, "keep"), (DOUBTED, None)]
)
def test_what_she_left_is_only_left(ours: Marks, expected: str | None) -> None:
    """Autocull's marks that she did not touch count as left; "cannot tell" decides nothing."""
    found = decision(sidecar(ours))
    assert (found.choice, found.by) == (expected, "left") if found else expected is None


def test_marks_that_were_never_ours_decide() -> None:
    """A sidecar that Autocull never wrote: flag and stars are hers, labels have no meaning that we know."""
    assert decision(sidecar(None, **REJECT)) == MarkDecision("reject", "flag")
    assert decision(sidecar(None, Rating="5"), REJECTED) == MarkDecision("keep", "rating")
    assert decision(sidecar(None, **RED)) is None
    assert decision(sidecar(None)) is None


@pytest.mark.parametrize("today", [REJECTED, PICKED])
def test_unnoted_marks_that_equal_todays_may_be_the_plug_ins(today: Marks) -> None:
    """What the plug-in put into the catalog reaches a sidecar without a note: it is not taken for hers."""
    changes = REJECT if today is REJECTED else PICK
    found = decision(sidecar(None, **changes), today)
    assert found is not None
    assert found.by == "left"


@pytest.mark.parametrize("ours", [REJECTED, PICKED, STARRED, DOUBTED])
def test_notes_are_read_as_they_were_written(ours: Marks) -> None:
    """What Autocull wrote is known again, whatever she made of it."""
    assert written_before(sidecar(ours)) == ours
    assert written_before(sidecar(ours, Rating="5", Label="Blue", LabelColor="blue", **PICK)) == ours
    assert written_before(sidecar(None)) is None


@pytest.mark.parametrize("mark", ["Rating", "pick", "LabelColor"])
def test_notes_with_nonsense_are_no_marks(mark: Mark) -> None:
    """A note that somebody spoilt is read as "not set"."""
    note = f"{{https://autocull.example/ns/1.0/}}{mark}"
    packet = sidecar(REJECTED)
    prefixes = {"https://autocull.example/ns/1.0/": "autocull"}
    spoilt = Packet.parse(packet.with_changes({note: "97"}, prefixes))
    noted = written_before(spoilt)
    assert noted is not None
    assert 0 <= noted.rating <= 5
    assert abs(noted.flag) <= 1
    assert noted.label in ("none", "red")
