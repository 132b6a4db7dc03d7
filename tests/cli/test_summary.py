"""Tests of the table at the end of a run: its counts agree with those of the report."""

from __future__ import annotations

import io
import re
from contextlib import closing
from pathlib import Path

import pytest
from rich.console import Console

from autocull.cli.cull.summary import MAX_NAMED, print_next_step, print_sidecar_use, print_summary
from autocull.judge import Settings
from autocull.output import ReportWriter
from autocull.output.result import Judged
from autocull.pipeline import RunCounts
from support.evidence_builders import face, focus
from support.result_factories import judged, unreadable


def make_results(folder: Path) -> list[Judged]:
    """Make rejects with closed eyes as their first, their second and their only reason."""
    closed, soft = (face(0.02),), focus(0.05)
    results = [
        judged(folder / "a.jpg", faces=closed),
        judged(folder / "b.jpg", faces=closed, focus=soft, defects={"defocus": 0.95}),
        judged(folder / "c.jpg", faces=closed, focus=soft, defects={"defocus": 0.95}),
        judged(folder / "d.jpg", focus=soft, defects={"defocus": 0.95}),
        judged(folder / "e.jpg"),
    ]
    assert {each.verdict.answer for each in results} == {"reject", "keep"}
    return results


def print_table(results: list[Judged]) -> list[str]:
    """Return the lines of the table, without repeated blanks."""
    counts = RunCounts()
    for result in results:
        counts.add(result)
    console = Console(width=200, record=True, file=io.StringIO())
    print_summary(console, counts, {}, 1.0, None)
    return [" ".join(line.split()) for line in console.export_text().splitlines()]


def test_table_and_report_agree(tmp_path: Path) -> None:
    """Both have the number of photos with each reason, and for how many rejects it is the first."""
    results = make_results(tmp_path)
    page = tmp_path / "report.html"
    with closing(
        ReportWriter(page, title="A shoot", settings=Settings(), find_thumbnail=lambda _: None)
    ) as writer:
        for result in results:
            writer.add(result)
        writer.finish()
    lines, html = print_table(results), page.read_text("utf-8")
    assert "Reject 4 by the first reason of each:" in lines
    buttons = re.findall(
        r'data-reason="(\w+)"[^>]*title="(\d+) photos? ha(?:s|ve)[^>]*first reason of (\d+) rejects?">'
        r"([^<]+) <b>(\d+)</b></button>",
        html,
    )
    assert len(buttons) == html.count("data-reason=")
    assert any(in_all != first for _, in_all, first, *_ in buttons)
    for code, in_all, first, name, shown in buttons:
        with_reason = [each for each in results if code in {reason.code for reason in each.verdict.reasons}]
        assert len(with_reason) == int(in_all) == int(shown)
        if first != "0":
            remark = "" if first == in_all else f" the reason of {in_all} photos in all"
            assert f"{name} {first}{remark}" in lines


def test_table_without_rejects_has_no_list(tmp_path: Path) -> None:
    """Nothing is announced that does not follow."""
    assert "Reject 0" in print_table([judged(tmp_path / "a.jpg")])


def print_unreadable(*messages: str) -> list[str]:
    """Return the lines that name one unreadable photo for each message."""
    counts = RunCounts()
    for number, message in enumerate(messages):
        counts.add(unreadable(Path(f"IMG_{number:04}.JPG"), message=message))
    console = Console(width=80, record=True, file=io.StringIO())
    print_summary(console, counts, {}, 1.0, None)
    lines = console.export_text().splitlines()
    assert max(map(len, lines)) <= 80
    return [line.rstrip() for line in lines]


def test_complaints_are_grouped_before_the_counts() -> None:
    """Each message once, the most frequent first, with its photos."""
    lines = print_unreadable("It is empty.", "It is damaged.", "It is damaged.")
    assert lines[:5] == [
        "2 photos: It is damaged.",
        "  IMG_0001.JPG",
        "  IMG_0002.JPG",
        "1 photo: It is empty.",
        "  IMG_0000.JPG",
    ]
    assert lines[5].startswith("Photos")


def test_many_photos_of_one_complaint_are_counted() -> None:
    """After the first few."""
    lines = print_unreadable(*["It is damaged."] * (MAX_NAMED + 3))
    assert lines[MAX_NAMED + 1] == "  and 3 more; --json and --report name them all"
    assert sum("IMG_" in line for line in lines) == MAX_NAMED


@pytest.mark.parametrize(
    ("has_report", "has_marks"), [(False, False), (True, False), (False, True), (True, True)]
)
def test_next_step_names_what_was_not_done(has_report: bool, has_marks: bool) -> None:
    """Nothing where the run had a report and marks."""
    console = Console(width=80, record=True, file=io.StringIO())
    print_next_step(console, has_report=has_report, has_marks=has_marks)
    text = console.export_text()
    assert ("--report report.html --open" in text) == (not has_report)
    assert ("--xmp" in text) == (not has_marks)


def print_use(**counts: int) -> list[str]:
    """Return the lines about the use of sidecars in a terminal of 80 columns."""
    console = Console(width=80, record=True, file=io.StringIO())
    print_sidecar_use(console, counts)
    return console.export_text().splitlines()


def test_use_of_sidecars_is_counted_by_kind() -> None:
    """Lightroom reads those of RAW files; the others are listed by kind, and their files are not changed."""
    lines = print_use(RAW=540, JPEG=100, DNG=1, HEIC=0)
    text = " ".join(lines)
    assert max(map(len, lines)) <= 80
    assert "reads the sidecars of 540 photos (RAW)" in text
    assert "does not read the sidecars of 101 photos (1 DNG, 100 JPEG)" in text
    assert "not written into the photo files" in text


def test_use_of_sidecars_names_only_what_is_there() -> None:
    """A shoot of one kind gets one sentence, one without sidecars none."""
    assert "does not" not in " ".join(print_use(RAW=1))
    assert "(RAW)" not in " ".join(print_use(TIFF=2))
    assert print_use() == print_use(RAW=0) == []
