"""Decisions: parsing, conflicts, and minimum numbers."""

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


def test_lines_are_parsed_to_decisions(tmp_path: Path) -> None:
    """Path, shoot and decision; blank lines are skipped."""
    lines = (
        '{"path": "/a/Müller 1.NEF", "shoot": "3", "decision": "select"}\n\n'
        '{"path": "/a/2.NEF", "shoot": null, "decision": "reject"}\n'
    )
    assert read(tmp_path, lines) == [
        PhotoDecision(Path("/a/Müller 1.NEF"), True, "3"),
        PhotoDecision(Path("/a/2.NEF"), False, None),
    ]


def test_repeated_decisions_count_once_and_conflicts_are_left_out(tmp_path: Path) -> None:
    """As with virtual copies, which share their photo's file."""
    line = '{{"path": "/{}.NEF", "decision": "{}"}}\n'
    file = tmp_path / "decisions.jsonl"
    rows = [("a", "select"), ("a", "reject"), ("a", "select"), ("b", "reject"), ("b", "reject")]
    file.write_text("".join(line.format(*each) for each in rows), "utf-8")
    decision_set = read_decisions(file)
    assert decision_set.decisions == [PhotoDecision(Path("/b.NEF"), False)]
    assert decision_set.left_out == {"decided both ways": 1}


@pytest.mark.parametrize(("line", "message"), [
    ("{", "line 2 is no JSON"),
    ("[1]", "line 2: line"),
    ('{"path": "/a"}', "line 2: decision"),
    ('{"path": "/a", "decision": "maybe"}', "line 2: decision"),
    ('{"path": "", "decision": "select"}', "line 2: path"),
    ('{"path": "/a", "decision": "select", "stars": 3}', "line 2: stars"),
])  # fmt: skip
def test_invalid_line_is_named(tmp_path: Path, line: str, message: str) -> None:
    """The message names the line and the field."""
    with pytest.raises(ManifestError, match=message):
        read(tmp_path, '{"path": "/b", "decision": "select"}\n' + line)


def test_unreadable_file_is_named(tmp_path: Path) -> None:
    """Missing, or not UTF-8."""
    with pytest.raises(ManifestError, match=r"gone\.jsonl cannot be read"):
        read_decisions(tmp_path / "gone.jsonl")
    (tmp_path / "odd.jsonl").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ManifestError, match=r"odd\.jsonl cannot be read"):
        read_decisions(tmp_path / "odd.jsonl")


@pytest.mark.parametrize(("selects", "rejects"), [(19, 500), (500, 19), (100, 99), (0, 0)])
def test_too_few_decisions_raise_an_error(selects: int, rejects: int) -> None:
    """200 decisions with 20 of each kind are the minimum."""
    with pytest.raises(LearningError, match=f"with {selects:,} selects and {rejects:,} rejects; 200 with 20"):
        check_enough([True] * selects + [False] * rejects)


def test_minimum_numbers_suffice() -> None:
    """Exactly the minimum is accepted; shoots are checked only if their number is passed."""
    enough = [True] * 20 + [False] * 180
    check_enough(enough)
    check_enough(enough, 3)
    with pytest.raises(LearningError, match="come from 1 shoot; 3 are needed"):
        check_enough(enough, 1)
