"""Manifests: what is read from them, what is refused by file and line, and which rows stay together."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autocull.errors import ManifestError
from autocull.train.data.manifest import Row, exclude_overlap, read_manifest, split_labels, split_validation


def write(folder: Path, content: str) -> Path:
    """Write a manifest; returns its path."""
    file = folder / "manifest.csv"
    file.write_text(content, "utf-8")
    return file


def make_row(group: str, split: str = "train") -> Row:
    """Make a row of which only group and split matter."""
    return Row(Path(group), "open", split, group, "", 2, {})


def test_unseen_rows_share_nobody_with_those_trained_on() -> None:
    """Neither a group nor an origin of a train row; dev rows of the other manifest take nothing away."""

    def origin(row: Row, name: str) -> Row:
        return replace(row, extra={"origin": name})

    trained = [origin(make_row("anna"), "1.jpg"), make_row("bert", "dev"), origin(make_row("carl"), "")]
    rows = [
        make_row("anna"),
        make_row("bert"),
        origin(make_row("dora"), "1.jpg"),
        origin(make_row("emil"), ""),
    ]
    assert [row.group for row in exclude_overlap(rows, trained)] == ["bert", "emil"]


def test_paths_are_relative_to_the_manifest(tmp_path: Path) -> None:
    """Every column arrives; those without a name of ours are kept."""
    file = write(tmp_path, "path,label,split,group,source,eye\na/b.jpg,open,dev,anna,web,L\n")
    assert read_manifest(file) == [
        Row(tmp_path / "a" / "b.jpg", "open", "dev", "anna", "web", 2, {"eye": "L"})
    ]


def test_what_is_missing_has_a_meaning(tmp_path: Path) -> None:
    """Without a split a row is for training; without a group it stands for itself, by source and path."""
    (row,) = read_manifest(write(tmp_path, "path,source\na.jpg,web\n"))
    assert (row.label, row.split, row.group) == ("", "train", "web/a.jpg")


def test_subject_is_another_word_for_group(tmp_path: Path) -> None:
    """A group wins over a subject where both are given."""
    file = write(tmp_path, "path,subject,group\na.jpg,anna,\nb.jpg,anna,series 1\n")
    assert [row.group for row in read_manifest(file)] == ["anna", "series 1"]


def test_a_byte_order_mark_is_no_part_of_the_first_column(tmp_path: Path) -> None:
    """Spreadsheets write one."""
    assert read_manifest(write(tmp_path, "\ufeffpath,label\na.jpg,open\n"))[0].label == "open"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "line 1: there is no column `path`"),
        ("file,label\na.jpg,open\n", "line 1: there is no column `path`"),
        ("path,label\n", "line 1: the manifest holds no rows"),
        (
            "path,label\na.jpg,open\nb.jpg,opne\n",
            "line 3: the label 'opne' is unknown; known are open, closed",
        ),
        ("path,label\na.jpg,\n", "line 2: the label is missing; known are"),
        ("path,label,split\na.jpg,open,test\n", "line 2: the split 'test' is none of train, dev"),
        ("path,label\n,open\n", "line 2: the path is empty"),
        ("path,label\na.jpg\n", "line 2: the number of columns"),
        ("path,label\na.jpg,open,more\n", "line 2: the number of columns"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(tmp_path: Path, content: str, said: str) -> None:
    """The message holds the file, the line and what is accepted."""
    file = write(tmp_path, content)
    with pytest.raises(ManifestError) as caught:
        read_manifest(file, labels=("open", "closed"))
    assert str(file) in caught.value.message
    assert said in caught.value.message


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    """A picture in the place of the manifest, or nothing, ends in the same kind of error."""
    file = tmp_path / "manifest.csv"
    with pytest.raises(ManifestError, match="as a manifest"):
        read_manifest(file)
    file.write_bytes(b"\xff\xd8\xff\xe0")
    with pytest.raises(ManifestError, match="as a manifest"):
        read_manifest(file)


def test_several_labels_may_share_a_cell(tmp_path: Path) -> None:
    """Both separators are understood, and each label is checked."""
    assert split_labels("dark; noisy|blur") == ["dark", "noisy", "blur"]
    file = write(tmp_path, "path,label\na.jpg,dark;odd\n")
    with pytest.raises(ManifestError, match="'odd' is unknown"):
        read_manifest(file, labels=("dark", "noisy"))


@given(st.lists(st.tuples(st.sampled_from("abcdefghijklmnop"), st.sampled_from(["train", "dev"]))))
def test_no_group_of_the_training_rows_is_torn_apart(given_rows: list[tuple[str, str]]) -> None:
    """Validation and training share no group; every row lands in one part; dev rows stay dev rows."""
    rows = [make_row(group, split) for group, split in given_rows]
    parts = split_validation(rows, share=0.5)
    assert not {row.group for row in parts.train} & {row.group for row in parts.validation}
    assert sorted(row.group for part in (parts.train, parts.validation, parts.dev) for row in part) == sorted(
        row.group for row in rows
    )
    assert all(row.split == "dev" for row in parts.dev)
    assert all(row.split == "train" for row in (*parts.train, *parts.validation))


def test_the_share_and_the_seed_decide_what_is_held_out() -> None:
    """About the share is held out; another seed holds out others; more rows move none."""
    rows = [make_row(f"person {i}") for i in range(1000)]
    held = {row.group for row in split_validation(rows, share=0.2).validation}
    assert 150 < len(held) < 250
    assert held != {row.group for row in split_validation(rows, share=0.2, seed=1).validation}
    fewer = {row.group for row in split_validation(rows[:500], share=0.2).validation}
    assert fewer == {group for group in held if int(group.split()[1]) < 500}


def test_the_shared_eyes_keep_every_person_on_one_side(shared_data: Path) -> None:
    """In the real manifest no subject is in two parts."""
    rows = read_manifest(shared_data / "eyes" / "manifest.csv", labels=("open", "closed"))
    parts = split_validation(rows)
    groups = [{row.group for row in part} for part in (parts.train, parts.validation, parts.dev)]
    assert all(groups)
    assert len(set.union(*groups)) == sum(map(len, groups))
