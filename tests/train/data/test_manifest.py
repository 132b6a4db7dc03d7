"""Tests of manifests: columns and their defaults, errors with file and line, splits by groups."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autocull.errors import ManifestError
from autocull.train.data.manifest import Row, exclude_overlap, read_manifest, split_labels, split_validation


def write_manifest(folder: Path, content: str) -> Path:
    """Write a manifest; returns its path."""
    file = folder / "manifest.csv"
    file.write_text(content, "utf-8")
    return file


def make_row(group: str, split: str = "train") -> Row:
    """Make a row of which only group and split matter."""
    return Row(Path(group), "open", split, group, "", 2, {})


def test_excluded_rows_share_group_or_origin_with_training_rows() -> None:
    """Rows with the group or origin of a train row are excluded; dev rows exclude none."""

    def with_origin(row: Row, name: str) -> Row:
        return replace(row, extra={"origin": name})

    trained = [
        with_origin(make_row("anna"), "1.jpg"),
        make_row("bert", "dev"),
        with_origin(make_row("carl"), ""),
    ]
    rows = [
        make_row("anna"),
        make_row("bert"),
        with_origin(make_row("dora"), "1.jpg"),
        with_origin(make_row("emil"), ""),
    ]
    assert [row.group for row in exclude_overlap(rows, trained)] == ["bert", "emil"]


def test_paths_are_relative_to_the_manifest(tmp_path: Path) -> None:
    """Every column is read, and unknown columns are kept as extra."""
    file = write_manifest(tmp_path, "path,label,split,group,source,eye\na/b.jpg,open,dev,anna,web,L\n")
    assert read_manifest(file) == [
        Row(tmp_path / "a" / "b.jpg", "open", "dev", "anna", "web", 2, {"eye": "L"})
    ]


def test_missing_columns_have_defaults(tmp_path: Path) -> None:
    """The default split is "train", and the default group is source and path, unique for each row."""
    (row,) = read_manifest(write_manifest(tmp_path, "path,source\na.jpg,web\n"))
    assert (row.label, row.split, row.group) == ("", "train", "web/a.jpg")


def test_subject_is_an_alias_of_group(tmp_path: Path) -> None:
    """Where a row has both, the group is used."""
    file = write_manifest(tmp_path, "path,subject,group\na.jpg,anna,\nb.jpg,anna,series 1\n")
    assert [row.group for row in read_manifest(file)] == ["anna", "series 1"]


def test_byte_order_mark_is_ignored(tmp_path: Path) -> None:
    """Spreadsheet programs write one before the first column's name."""
    assert read_manifest(write_manifest(tmp_path, "\ufeffpath,label\na.jpg,open\n"))[0].label == "open"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "line 1: there is no column `path`"),
        ("file,label\na.jpg,open\n", "line 1: there is no column `path`"),
        ("path,label\n", "line 1: the manifest holds no rows"),
        (
            "path,label\na.jpg,open\nb.jpg,opne\n",
            "line 3: the label 'opne' is unknown; accepted are open, closed",
        ),
        ("path,label\na.jpg,\n", "line 2: the label is missing; accepted are"),
        ("path,label,split\na.jpg,open,test\n", "line 2: the split 'test' is none of train, dev"),
        ("path,label\n,open\n", "line 2: the path is empty"),
        ("path,label\na.jpg\n", "line 2: the number of columns"),
        ("path,label\na.jpg,open,more\n", "line 2: the number of columns"),
    ],
)
def test_invalid_row_is_reported_with_its_line(tmp_path: Path, content: str, message: str) -> None:
    """The message contains the file, the line and the accepted values."""
    file = write_manifest(tmp_path, content)
    with pytest.raises(ManifestError) as caught:
        read_manifest(file, labels=("open", "closed"))
    assert str(file) in caught.value.message
    assert message in caught.value.message


def test_unreadable_file_is_refused(tmp_path: Path) -> None:
    """A missing file and a binary file raise the same kind of error."""
    file = tmp_path / "manifest.csv"
    with pytest.raises(ManifestError, match="as a manifest"):
        read_manifest(file)
    file.write_bytes(b"\xff\xd8\xff\xe0")
    with pytest.raises(ManifestError, match="as a manifest"):
        read_manifest(file)


def test_cell_may_hold_several_labels(tmp_path: Path) -> None:
    """Both separators are accepted, and each label is checked."""
    assert split_labels("dark; noisy|blur") == ["dark", "noisy", "blur"]
    file = write_manifest(tmp_path, "path,label\na.jpg,dark;odd\n")
    with pytest.raises(ManifestError, match="'odd' is unknown"):
        read_manifest(file, labels=("dark", "noisy"))


@given(st.lists(st.tuples(st.sampled_from("abcdefghijklmnop"), st.sampled_from(["train", "dev"]))))
def test_no_group_is_split(given_rows: list[tuple[str, str]]) -> None:
    """Validation and training share no group; every row is in one split; dev rows stay dev rows."""
    rows = [make_row(group, split) for group, split in given_rows]
    splits = split_validation(rows, share=0.5)
    groups = [{row.group for row in split} for split in (splits.train, splits.validation, splits.dev)]
    assert len(set.union(*groups)) == sum(map(len, groups))
    assert groups[2] == {group for group, split in given_rows if split == "dev"}
    assert sorted(
        row.group for split in (splits.train, splits.validation, splits.dev) for row in split
    ) == sorted(row.group for row in rows)
    assert all(row.split == "dev" for row in splits.dev)
    assert all(row.split == "train" for row in (*splits.train, *splits.validation))


def test_share_and_seed_determine_the_validation_rows() -> None:
    """About the share is held out; another seed holds out other rows; additional rows move none."""
    rows = [make_row(f"person {i}") for i in range(1000)]
    held_out = {row.group for row in split_validation(rows, share=0.2).validation}
    assert 150 < len(held_out) < 250
    assert held_out != {row.group for row in split_validation(rows, share=0.2, seed=1).validation}
    fewer = {row.group for row in split_validation(rows[:500], share=0.2).validation}
    assert fewer == {group for group in held_out if int(group.split()[1]) < 500}


def test_no_person_of_the_shared_eyes_is_in_two_splits(shared_data: Path) -> None:
    """In the shared manifest every subject is in one split only."""
    rows = read_manifest(shared_data / "eyes" / "manifest.csv", labels=("open", "closed"))
    splits = split_validation(rows)
    groups = [{row.group for row in split} for split in (splits.train, splits.validation, splits.dev)]
    assert all(groups)
    assert len(set.union(*groups)) == sum(map(len, groups))


def test_both_eyes_of_a_face_are_in_one_split(tmp_path: Path) -> None:
    """A subject named after one eye's file is its photo's, and its `dev` row wins over its `train` rows."""
    content = """path,label,subject,split
1_L.png,closed,cew:closed_eye_0226.BMP_face_1_L,dev
1_R.png,closed,cew:closed_eye_0226.BMP_face_1_R,train
2_R.png,closed,cew:closed_eye_0226,train
3_L.png,closed,cew:closed_eye_1227.jpeg_face_3_L,train
"""
    rows = read_manifest(write_manifest(tmp_path, content))
    assert [(row.group, row.split) for row in rows] == [
        *[("cew:closed_eye_0226", "dev")] * 3,
        ("cew:closed_eye_1227", "train"),
    ]


def test_cew_is_split_by_number_over_all_shared_manifests(shared_data: Path) -> None:
    """No number of a file of Closed Eyes in the Wild is in two splits, though the manifests have such."""
    folders = [shared_data / "eyes", shared_data / "more" / "eyes" / "cew_native_closed"]
    rows = [row for folder in folders for row in read_manifest(folder / "manifest.csv")]
    splits = split_validation(rows)
    numbers = [
        {match[1] for row in split if (match := re.search(r"closed_eye_(\d+)", row.path.name))}
        for split in (splits.train, splits.validation, splits.dev)
    ]
    assert all(numbers)
    assert len(set.union(*numbers)) == sum(map(len, numbers))
