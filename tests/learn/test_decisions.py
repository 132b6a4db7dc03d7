"""Decisions: what is read, what is left out, and when there is too little to learn from."""

from __future__ import annotations

from pathlib import Path

import pytest

from autocull.errors import LearningError, ManifestError
from autocull.learn.decisions import PhotoDecision, check_enough, read_decisions


def read(tmp_path: Path, text: str) -> list[PhotoDecision]:
    """Read the decisions in a file with this text."""
    file = tmp_path / "decisions.jsonl"
    file.write_text(text, "utf-8")
    return read_decisions(file).decisions


def test_lines_become_decisions(tmp_path: Path) -> None:
    """Path, shoot and decision; blank lines are nothing."""
    lines = (
        '{"path": "/a/Müller 1.NEF", "shoot": "3", "decision": "select"}\n\n'
        '{"path": "/a/2.NEF", "shoot": null, "decision": "reject"}\n'
    )
    assert read(tmp_path, lines) == [
        PhotoDecision(Path("/a/Müller 1.NEF"), True, "3"),
        PhotoDecision(Path("/a/2.NEF"), False, None),
    ]


def test_a_photo_decided_twice_counts_once_and_both_ways_not_at_all(tmp_path: Path) -> None:
    """Virtual copies that disagree say nothing; copies that agree say it once."""
    line = '{{"path": "/{}.NEF", "decision": "{}"}}\n'
    file = tmp_path / "decisions.jsonl"
    said = [("a", "select"), ("a", "reject"), ("a", "select"), ("b", "reject"), ("b", "reject")]
    file.write_text("".join(line.format(*each) for each in said), "utf-8")
    found = read_decisions(file)
    assert found.decisions == [PhotoDecision(Path("/b.NEF"), False)]
    assert found.left_out == {"decided both ways": 1}


@pytest.mark.parametrize(("line", "words"), [
    ("{", "line 2 is no JSON"),
    ("[1]", "line 2: line"),
    ('{"path": "/a"}', "line 2: decision"),
    ('{"path": "/a", "decision": "maybe"}', "line 2: decision"),
    ('{"path": "", "decision": "select"}', "line 2: path"),
    ('{"path": "/a", "decision": "select", "stars": 3}', "line 2: stars"),
])  # fmt: skip
def test_what_is_no_decision_is_named(tmp_path: Path, line: str, words: str) -> None:
    """The line and the field are said."""
    with pytest.raises(ManifestError, match=words):
        read(tmp_path, '{"path": "/b", "decision": "select"}\n' + line)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    """Missing, or no text."""
    with pytest.raises(ManifestError, match=r"gone\.jsonl cannot be read"):
        read_decisions(tmp_path / "gone.jsonl")
    (tmp_path / "odd.jsonl").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ManifestError, match=r"odd\.jsonl cannot be read"):
        read_decisions(tmp_path / "odd.jsonl")


@pytest.mark.parametrize(("selects", "rejects"), [(19, 500), (500, 19), (100, 99), (0, 0)])
def test_too_little_is_said_and_not_learned_from(selects: int, rejects: int) -> None:
    """200 decisions, 20 of each kind: one fewer is too few."""
    with pytest.raises(
        LearningError, match=f"{selects:,} of them selects and {rejects:,} rejects; 200 with 20"
    ):
        check_enough([True] * selects + [False] * rejects)


def test_enough_is_enough() -> None:
    """At the least numbers it begins; the shoots are asked only where they are known."""
    enough = [True] * 20 + [False] * 180
    check_enough(enough)
    check_enough(enough, 3)
    with pytest.raises(LearningError, match="come from 1 shoot; 3 are needed"):
        check_enough(enough, 1)
