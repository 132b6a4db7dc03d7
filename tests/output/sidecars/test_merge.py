"""Marks in XMP: as Lightroom writes them, and never in place of the photographer's."""

from __future__ import annotations

from itertools import product
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autocull.judge.verdict import ColourLabel, Marks
from autocull.output.sidecars.merge import LABEL_NAMES, Policy, marks_in
from autocull.output.sidecars.xmp_packet import Packet
from autocull.output.user_marks import PhotoMarks
from support.xmp_samples import LIGHTROOM, lightroom, merge_text

POLICY = Policy()
NOTHING = Marks(0, "none", 0)
PICK = Marks(4, "green", 1)
REJECT = Marks(0, "red", -1)
ALL = [Marks(*each) for each in product((0, 1, 4), ("none", "red", "green"), (-1, 0, 1))]


def plan(text: str | None, marks: Marks, policy: Policy = POLICY) -> str | None:
    """Plan a NEF's sidecar."""
    return merge_text(text, marks, policy=policy)


def written(text: str | None, marks: Marks) -> str:
    """Return the sidecar's text after the marks were merged."""
    return plan(text, marks) or text or lightroom("")


def read(text: str) -> PhotoMarks:
    """Read the marks of a packet's text."""
    return marks_in(Packet.parse(text))


def label_name(text: str) -> str | None:
    """Return the name of the label in a packet's text."""
    return Packet.parse(text).value("{http://ns.adobe.com/xap/1.0/}Label")


def values(text: str) -> dict[str, str]:
    """Return the properties of a packet by their local name, without notes and namespaces."""
    found = Packet.parse(text).properties
    return {name.rpartition("}")[2]: each.value for name, each in found.items() if "autocull" not in name}


def test_a_picked_photo_is_written_as_lightroom_writes_it() -> None:
    """Stars, label name and colour, pick and good, and whose sidecar it is."""
    text = plan(None, Marks(3, "yellow", 1))
    assert text is not None
    assert values(text) == {
        "about": "",
        "Rating": "3",
        "Label": "Yellow",
        "LabelColor": "yellow",
        "pick": "1",
        "good": "true",
        "SidecarForExtension": "NEF",
    }


def test_a_reject_is_a_flag_and_never_a_rating_of_minus_one() -> None:
    """Lightroom's reject is pick -1 and good false; the stars stay untouched."""
    text = plan(None, Marks(0, "none", -1))
    assert text is not None
    assert values(text) == {"about": "", "pick": "-1", "good": "false", "SidecarForExtension": "NEF"}


@pytest.mark.parametrize("text", [None, lightroom("")])
def test_nothing_to_say_writes_nothing(text: str | None) -> None:
    """No stars, no label and no flag make no sidecar and touch none."""
    assert plan(text, NOTHING) is None


@pytest.mark.parametrize("extension", ["", "a b", 'N"F', "N\udcff"])
def test_an_odd_extension_is_not_written(extension: str) -> None:
    """A file without an extension, or with one that is no word, gets a sidecar that names none."""
    text = merge_text(None, PICK, extension=extension)
    assert text is not None
    assert "SidecarForExtension" not in text


@pytest.mark.parametrize("marks", ALL, ids=str)
def test_what_is_written_is_read_back_as_ours(marks: Marks) -> None:
    """Every combination of marks survives the round trip, and none is taken for the photographer's."""
    found = read(written(None, marks))
    assert found.rating == (marks.rating or None)
    assert found.label == (None if marks.label == "none" else marks.label)
    assert found.flag == (marks.flag or None)
    assert not found.user_set


@pytest.mark.parametrize(("first", "second"), list(product(ALL, ALL[::4])), ids=str)
def test_our_own_marks_follow_a_new_verdict(first: Marks, second: Marks) -> None:
    """What Autocull wrote it may change and take back: the end is as if the first had never been."""
    assert read(written(written(None, first), second)) == read(written(None, second))


@pytest.mark.parametrize("marks", ALL, ids=str)
@pytest.mark.parametrize(
    "text", [None, lightroom(""), lightroom('xmp:Rating="2"'), lightroom('xmp:Rating="0" xmpDM:pick="0"')]
)
def test_a_second_time_changes_nothing(text: str | None, marks: Marks) -> None:
    """Writing the same marks again is no change at all."""
    assert plan(written(text, marks), marks) is None


@pytest.mark.parametrize(
    ("hers", "mark"),
    [
        ('xmp:Rating="2"', "rating"),
        ('xmp:Rating="5"', "rating"),
        ('xmp:Rating="odd"', "rating"),
        ('xmp:Label="Yellow" photoshop:LabelColor="yellow"', "label"),
        ('xmp:Label="パープル" photoshop:LabelColor="purple"', "label"),
        ('xmp:Label="CustomRed"', "label"),
        ('photoshop:LabelColor="blue"', "label"),
        ('xmpDM:pick="1" xmpDM:good="true"', "flag"),
        ('xmpDM:pick="-1" xmpDM:good="false"', "flag"),
        ('xmpDM:good="false"', "flag"),
        ('xmpDM:pick="1"', "flag"),
    ],
)
@pytest.mark.parametrize("marks", [PICK, REJECT, NOTHING], ids=["pick", "reject", "nothing"])
def test_a_mark_of_hers_stays_and_the_others_are_written(hers: str, mark: str, marks: Marks) -> None:
    """Each mark is hers or free on its own, whatever we would write."""
    before = lightroom(hers)
    after = written(before, marks)
    assert read(after).user_set == read(before).user_set == {mark}
    assert values(after).items() >= values(before).items()
    free = {"rating": marks.rating, "label": marks.label != "none", "flag": marks.flag}
    assert all(bool(getattr(read(after), each)) == bool(free[each]) for each in free if each != mark)


def test_a_rating_of_minus_one_is_her_reject() -> None:
    """Bridge and darktable reject so: we pick no such photo, and write no stars to it."""
    before = lightroom('xmp:Rating="-1"')
    assert read(before) == PhotoMarks(None, None, -1, frozenset({"rating", "flag"}))
    after = written(before, PICK)
    assert values(after)["Rating"] == "-1"
    assert "pick" not in values(after)
    assert values(after)["Label"] == "Green"


@pytest.mark.parametrize(
    ("ours", "edit", "mark"),
    [
        (PICK, ('xmp:Rating="4"', 'xmp:Rating="5"'), "rating"),
        (PICK, ('xmp:Rating="4"', ""), "rating"),
        (PICK, ('xmp:Rating="4"', 'xmp:Rating="0"'), "rating"),
        (PICK, ('xmp:Label="Green"', 'xmp:Label="Blue"'), "label"),
        (PICK, ('photoshop:LabelColor="green"', 'photoshop:LabelColor="blue"'), "label"),
        (PICK, ('xmpDM:pick="1"', 'xmpDM:pick="0"'), "flag"),
        (REJECT, ('xmpDM:good="false"', 'xmpDM:good="true"'), "flag"),
    ],
)
def test_a_mark_that_she_changed_or_cleared_is_hers_for_good(
    ours: Marks, edit: tuple[str, str], mark: str
) -> None:
    """Her change of our mark, also taking it away, is never overridden; the other marks still follow."""
    before = written(lightroom(""), ours)
    assert edit[0] in before
    edited = before.replace(*edit, 1)
    assert read(edited).user_set == {mark}
    for marks in (PICK, REJECT, NOTHING, Marks(1, "purple", 1)):
        after = written(edited, marks)
        assert read(after).user_set == {mark}
        assert getattr(read(after), mark) == getattr(read(edited), mark)


def test_zero_and_unflagged_count_as_unset() -> None:
    """Cameras write Rating 0 and Lightroom pick 0 where nothing was said: ours may go there."""
    before = lightroom('xmp:Rating="0" xmpDM:pick="0"')
    assert read(before) == PhotoMarks(None, None, None, frozenset())
    after = values(written(before, PICK))
    assert (after["Rating"], after["pick"], after["good"]) == ("4", "1", "true")


def test_unflagged_leaves_the_pick_as_it_is() -> None:
    """A photo without a flag keeps its pick of 0."""
    after = values(written(lightroom('xmpDM:pick="0"'), Marks(2, "none", 0)))
    assert after["pick"] == "0"
    assert "good" not in after


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        ('xmp:Rating="3.0"', (3, None, None, None)),
        ('xmp:Rating="inf"', (None, None, None, None)),
        ('xmp:Rating="7"', (None, None, None, None)),
        ('xmp:Label="パープル" photoshop:LabelColor="purple"', (None, "purple", "パープル", None)),
        ('xmp:Label="Red" photoshop:LabelColor="blue"', (None, "blue", "Red", None)),
        ('xmp:Label="green"', (None, "green", "green", None)),
        ('xmp:Label="CustomRed"', (None, None, "CustomRed", None)),
        ('xmpDM:pick="1" xmpDM:good="false"', (None, None, None, -1)),
        ('xmpDM:pick="-1"', (None, None, None, -1)),
        ('xmpDM:pick="2"', (None, None, None, None)),
        ('xmpDM:good="perhaps" xmpDM:pick="1"', (None, None, None, 1)),
        ('xmp:Rating="-1" xmpDM:pick="1"', (None, None, None, 1)),
    ],
)
def test_marks_are_read_as_lightroom_reads_them(attributes: str, expected: tuple[object, ...]) -> None:
    """The colour beats the name, good beats pick, and nonsense is no mark."""
    text = lightroom(attributes)
    found = read(text)
    assert (found.rating, found.label, label_name(text), found.flag) == expected


def test_a_label_set_of_her_own_names_the_colours() -> None:
    """Lightroom matches labels by name: the policy gives the names of her label set."""
    policy = Policy(label_names={**LABEL_NAMES, "red": '赤 & <"raus">'})
    text = plan(lightroom(""), REJECT, policy)
    assert text is not None
    assert label_name(text) == '赤 & <"raus">'
    assert read(text).label == "red"
    assert plan(text, REJECT, policy) is None


def test_every_colour_has_a_name() -> None:
    """No label that the judge may give is without a name to write."""
    assert {*LABEL_NAMES, "none"} == set(get_args(ColourLabel))


def test_develop_settings_and_snapshots_keep_every_byte() -> None:
    """Taking our attributes out of the merged text gives back what Lightroom wrote, byte for byte."""
    before = lightroom("")
    after = written(before, PICK)
    assert after != before
    start = next(i for i, (a, b) in enumerate(zip(before, after, strict=False)) if a != b)
    grown = len(after) - len(before)
    assert after[:start] + after[start + grown :] == before
    assert "crss:SavedSettings" in after[start + grown :]
    assert values(after).items() >= values(before).items()


def test_the_rating_of_a_snapshot_is_not_the_photos() -> None:
    """The realistic packet holds a snapshot with five stars, which is neither read nor changed."""
    assert 'xmp:Rating="5"' in LIGHTROOM
    assert read(lightroom("")) == PhotoMarks(None, None, None, frozenset())
    assert values(written(lightroom(""), PICK))["Rating"] == "4"


@settings(max_examples=30)
@given(
    st.sampled_from(["", 'xmp:Rating="2"', 'xmp:Label="x"', 'xmpDM:pick="-1" xmpDM:good="false"']),
    st.lists(st.sampled_from(ALL), max_size=5),
)
def test_her_marks_survive_any_run_of_verdicts(hers: str, verdicts: list[Marks]) -> None:
    """However often and however differently we judge, what she set stands as she set it."""
    text = lightroom(hers)
    for marks in verdicts:
        text = written(text, marks)
    assert values(text).items() >= values(lightroom(hers)).items()
    assert read(text).user_set == read(lightroom(hers)).user_set


def test_the_documented_sidecars_are_read(shared_data: Path) -> None:
    """Real sidecars beside the shared photos parse without an error; UTF-16 is not supported yet."""
    contents = [path.read_bytes() for path in sorted(shared_data.rglob("*.xmp"))]
    assert contents
    for content in contents:
        if b"\0" not in content:
            marks_in(Packet.parse(content.decode("utf-8-sig")))
