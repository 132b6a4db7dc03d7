"""Tests of marks in XMP: written as by Lightroom, and never in place of the photographer's."""

from __future__ import annotations

from itertools import product
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autocull.judge.verdict import ColourLabel, Marks
from autocull.output.sidecars.merge import FORMER_NOTES, LABEL_NAMES, NOTES, Policy, marks_in, merge_marks
from autocull.output.sidecars.xmp_packet import Packet
from autocull.output.user_marks import Mark, PhotoMarks
from support.xmp_samples import LIGHTROOM, lightroom, merge_text

POLICY = Policy()
NOTHING = Marks(0, "none", 0)
PICK = Marks(4, "green", 1)
REJECT = Marks(0, "red", -1)
ALL = [Marks(*each) for each in product((0, 1, 4), ("none", "red", "green"), (-1, 0, 1))]


def merge(text: str | None, marks: Marks, policy: Policy = POLICY) -> str | None:
    """Merge marks into a NEF's sidecar."""
    return merge_text(text, marks, policy=policy)


def merged_text(text: str | None, marks: Marks) -> str:
    """Return the sidecar's text after the marks were merged."""
    return merge(text, marks) or text or lightroom("")


def read_marks(text: str) -> PhotoMarks:
    """Read the marks of a packet's text."""
    return marks_in(Packet.parse(text))


def label_name(text: str) -> str | None:
    """Return the name of the label in a packet's text."""
    return Packet.parse(text).value("{http://ns.adobe.com/xap/1.0/}Label")


def values(text: str) -> dict[str, str]:
    """Return the properties of a packet by their local name, without notes and namespaces."""
    properties = Packet.parse(text).properties
    return {
        name.rpartition("}")[2]: each.value for name, each in properties.items() if "autocull" not in name
    }


def test_picked_photo_is_written_as_by_lightroom() -> None:
    """Stars, label name and colour, pick and good, and the extension of the photo."""
    text = merge(None, Marks(3, "yellow", 1))
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


def test_reject_is_a_flag_and_not_a_rating() -> None:
    """Lightroom's reject is pick -1 and good false; the stars stay unchanged."""
    text = merge(None, Marks(0, "none", -1))
    assert text is not None
    assert values(text) == {"about": "", "pick": "-1", "good": "false", "SidecarForExtension": "NEF"}


@pytest.mark.parametrize("text", [None, lightroom("")])
def test_empty_marks_write_nothing(text: str | None) -> None:
    """No stars, no label and no flag create no sidecar and change none."""
    assert merge(text, NOTHING) is None


@pytest.mark.parametrize("extension", ["", "a b", 'N"F', "N\udcff"])
def test_invalid_extension_is_not_written(extension: str) -> None:
    """A file without an extension, or with an invalid one, gets a sidecar that names none."""
    text = merge_text(None, PICK, extension=extension)
    assert text is not None
    assert "SidecarForExtension" not in text


@pytest.mark.parametrize("marks", ALL, ids=str)
def test_written_marks_are_read_back_as_autoculls(marks: Marks) -> None:
    """Every combination of marks survives the round trip, and none counts as the photographer's."""
    marks_read = read_marks(merged_text(None, marks))
    assert marks_read.rating == (marks.rating or None)
    assert marks_read.label == (None if marks.label == "none" else marks.label)
    assert marks_read.flag == (marks.flag or None)
    assert not marks_read.user_set


@pytest.mark.parametrize(("first", "second"), list(product(ALL, ALL[::4])), ids=str)
def test_autoculls_marks_follow_a_new_verdict(first: Marks, second: Marks) -> None:
    """Autocull changes and removes its own marks: the result is as if the first had never been written."""
    assert read_marks(merged_text(merged_text(None, first), second)) == read_marks(merged_text(None, second))


@pytest.mark.parametrize(("first", "second"), list(product(ALL, ALL[::4])), ids=str)
def test_notes_of_the_former_namespace_are_read_and_replaced(first: Marks, second: Marks) -> None:
    """A sidecar of a version before the first release is treated as if it had the present notes."""
    former = merged_text(None, first).replace(NOTES, FORMER_NOTES)
    assert read_marks(former) == read_marks(merged_text(None, first))
    result = merged_text(former, second)
    assert read_marks(result) == read_marks(merged_text(merged_text(None, first), second))
    assert merge(result, second) is None


def test_mark_changed_since_a_former_note_is_the_users() -> None:
    """The photographer's stars over a note of the former namespace stay."""
    former = merged_text(None, PICK).replace(NOTES, FORMER_NOTES).replace('Rating="4"', 'Rating="2"', 1)
    assert read_marks(former).user_set == {"rating"}
    assert read_marks(merged_text(former, NOTHING)).rating == 2


@pytest.mark.parametrize("marks", ALL, ids=str)
@pytest.mark.parametrize(
    "text", [None, lightroom(""), lightroom('xmp:Rating="2"'), lightroom('xmp:Rating="0" xmpDM:pick="0"')]
)
def test_second_merge_changes_nothing(text: str | None, marks: Marks) -> None:
    """The same marks again are no change."""
    assert merge(merged_text(text, marks), marks) is None


@pytest.mark.parametrize(
    ("user_attributes", "mark"),
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
def test_user_marks_stay_and_the_others_are_written(user_attributes: str, mark: str, marks: Marks) -> None:
    """Each mark is compared on its own, for all marks that Autocull would write."""
    before = lightroom(user_attributes)
    after = merged_text(before, marks)
    assert read_marks(after).user_set == read_marks(before).user_set == {mark}
    assert values(after).items() >= values(before).items()
    free = {"rating": marks.rating, "label": marks.label in ("green", "yellow"), "flag": marks.flag > 0}
    assert all(bool(getattr(read_marks(after), each)) == bool(free[each]) for each in free if each != mark)


def test_rating_of_minus_one_is_a_user_reject() -> None:
    """Bridge and darktable reject so: such a photo is not picked, and gets no stars."""
    before = lightroom('xmp:Rating="-1"')
    assert read_marks(before) == PhotoMarks(None, None, -1, frozenset({"rating", "flag"}))
    after = merged_text(before, PICK)
    assert values(after)["Rating"] == "-1"
    assert "pick" not in values(after)
    assert values(after)["Label"] == "Green"


@pytest.mark.parametrize(
    ("autocull_marks", "edit", "mark"),
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
def test_changed_or_cleared_mark_stays_the_users(
    autocull_marks: Marks, edit: tuple[str, str], mark: str
) -> None:
    """A user's change of Autocull's mark, or its removal, is never overridden; the other marks follow."""
    before = merged_text(lightroom(""), autocull_marks)
    assert edit[0] in before
    edited = before.replace(*edit, 1)
    assert read_marks(edited).user_set == {mark}
    for marks in (PICK, REJECT, NOTHING, Marks(1, "purple", 1)):
        after = merged_text(edited, marks)
        assert read_marks(after).user_set == {mark}
        assert getattr(read_marks(after), mark) == getattr(read_marks(edited), mark)


def test_zero_and_unflagged_count_as_unset() -> None:
    """Cameras write Rating 0 and Lightroom pick 0 where nothing was set: Autocull's marks replace them."""
    before = lightroom('xmp:Rating="0" xmpDM:pick="0"')
    assert read_marks(before) == PhotoMarks(None, None, None, frozenset())
    after = values(merged_text(before, PICK))
    assert (after["Rating"], after["pick"], after["good"]) == ("4", "1", "true")


def test_unflagged_photo_keeps_its_pick() -> None:
    """A photo without a flag keeps its pick of 0."""
    after = values(merged_text(lightroom('xmpDM:pick="0"'), Marks(2, "none", 0)))
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
def test_marks_are_read_as_by_lightroom(attributes: str, expected: tuple[object, ...]) -> None:
    """The colour wins over the name, good over pick, and invalid values are no mark."""
    text = lightroom(attributes)
    marks_read = read_marks(text)
    assert (marks_read.rating, marks_read.label, label_name(text), marks_read.flag) == expected


def test_custom_label_set_names_the_colours() -> None:
    """Lightroom matches labels by name: the policy has the names of the user's label set."""
    policy = Policy(label_names={**LABEL_NAMES, "red": '赤 & <"raus">'})
    text = merge(lightroom(""), REJECT, policy)
    assert text is not None
    assert label_name(text) == '赤 & <"raus">'
    assert read_marks(text).label == "red"
    assert merge(text, REJECT, policy) is None


def test_every_colour_has_a_name() -> None:
    """Every label that the judge may set has a name."""
    assert {*LABEL_NAMES, "none"} == set(get_args(ColourLabel))


def test_develop_settings_and_snapshots_keep_every_byte() -> None:
    """Removing the added attributes from the merged text gives what Lightroom wrote, byte for byte."""
    before = lightroom("")
    after = merged_text(before, PICK)
    assert after != before
    start = next(i for i, (a, b) in enumerate(zip(before, after, strict=False)) if a != b)
    grown = len(after) - len(before)
    assert after[:start] + after[start + grown :] == before
    assert "crss:SavedSettings" in after[start + grown :]
    assert values(after).items() >= values(before).items()


def test_rating_of_a_snapshot_is_ignored() -> None:
    """The realistic packet has a snapshot with five stars, which is neither read nor changed."""
    assert 'xmp:Rating="5"' in LIGHTROOM
    assert read_marks(lightroom("")) == PhotoMarks(None, None, None, frozenset())
    assert values(merged_text(lightroom(""), PICK))["Rating"] == "4"


@settings(max_examples=30)
@given(
    st.sampled_from(["", 'xmp:Rating="2"', 'xmp:Label="x"', 'xmpDM:pick="-1" xmpDM:good="false"']),
    st.lists(st.sampled_from(ALL), max_size=5),
)
def test_user_marks_survive_any_sequence_of_verdicts(user_attributes: str, verdicts: list[Marks]) -> None:
    """After any sequence of marks that Autocull writes, the user's marks are unchanged."""
    text = lightroom(user_attributes)
    for marks in verdicts:
        text = merged_text(text, marks)
    assert values(text).items() >= values(lightroom(user_attributes)).items()
    assert read_marks(text).user_set == read_marks(lightroom(user_attributes)).user_set


def test_documented_sidecars_are_read(shared_data: Path) -> None:
    """Real sidecars next to the shared photos parse without an error; UTF-16 is not supported yet."""
    contents = [path.read_bytes() for path in sorted(shared_data.rglob("*.xmp"))]
    assert contents
    for content in contents:
        if b"\0" not in content:
            marks_in(Packet.parse(content.decode("utf-8-sig")))


@pytest.mark.parametrize(
    "user_attributes",
    [
        'xmp:Rating="5"',
        'xmp:Label="Green" photoshop:LabelColor="green"',
        'xmpDM:pick="1" xmpDM:good="true"',
        'xmlns:a="http://ns.acdsee.com/iptc/1.0/" a:rating="3"',
        'xmlns:m="http://ns.microsoft.com/photo/1.0/" m:Rating="75"',
        'xmlns:p="http://ns.camerabits.com/photomechanic/1.0/" p:Tagged="True"',
        'xmlns:d="http://www.digikam.org/ns/1.0/" d:PickLabel="3"',
    ],
)
def test_nothing_rejects_a_photo_that_the_user_marked(user_attributes: str) -> None:
    """With stars, a label or a pick of the photographer's there is no reject flag and no red label."""
    assert merge_text(lightroom(user_attributes), REJECT) is None


@pytest.mark.parametrize("mark", ["rating", "label", "flag"])
def test_marks_elsewhere_count_like_those_in_the_sidecar(mark: Mark) -> None:
    """A mark in the photo itself is not written again, and nothing rejects the photo."""
    where = frozenset({mark})
    assert merge_marks(None, REJECT, extension="NEF", policy=Policy(), elsewhere=where) is None
    text = merge_marks(None, PICK, extension="NEF", policy=Policy(), elsewhere=where)
    assert text is not None
    assert {"rating", "label", "flag"} - {
        name for name in ("rating", "label", "flag") if getattr(read_marks(text), name) is not None
    } == {mark}


@pytest.mark.parametrize(
    ("user_attributes", "rating", "flag"),
    [
        ('xmlns:a="http://ns.acdsee.com/iptc/1.0/" a:rating="3"', 3, None),
        ('xmlns:m="http://ns.microsoft.com/photo/1.0/" m:Rating="1"', 1, None),
        ('xmlns:m="http://ns.microsoft.com/photo/1.0/" m:Rating="75"', 4, None),
        ('xmlns:m="http://ns.microsoft.com/photo/1.0/" m:Rating="99" xmp:Rating="2"', 2, None),
        ('xmlns:p="http://ns.camerabits.com/photomechanic/1.0/" p:Tagged="True"', None, 1),
        ('xmlns:p="http://ns.camerabits.com/photomechanic/1.0/" p:Tagged="False"', None, None),
        ('xmlns:d="http://www.digikam.org/ns/1.0/" d:PickLabel="1"', None, -1),
        ('xmlns:d="http://www.digikam.org/ns/1.0/" d:PickLabel="2"', None, None),
    ],
)
def test_marks_in_properties_of_other_programs_are_read(
    user_attributes: str, rating: int | None, flag: int | None
) -> None:
    """Stars of ACDSee and Windows, Photo Mechanic's tag and digiKam's flag; xmp:Rating comes first."""
    marks = read_marks(lightroom(user_attributes))
    assert (marks.rating, marks.flag) == (rating, flag)
    assert marks.user_set == {
        name for name, value in (("rating", rating), ("flag", flag)) if value is not None
    }
