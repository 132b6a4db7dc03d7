"""The page about a taste: complete, self-contained, and safe with odd names."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree.ElementTree import fromstring

import pytest

from autocull.errors import MarksError
from autocull.judge import Settings
from autocull.learn.report import write_page
from autocull.learn.training import TrainedTaste, train_taste
from autocull.taste.profile_store import PAGE_MARK
from support.taste_factories import examples, fit_least_squares, origin

JPEG = b"\xff\xd8 small"


@pytest.fixture(scope="module")
def lesson() -> TrainedTaste:
    """A lesson whose name needs care."""
    return train_taste(examples(400, 10), "Anna", origin(), fit_least_squares)


def page_of(lesson: TrainedTaste, tmp_path: Path, name: str = "IMG_{}.NEF") -> str:
    """Write the page, and return it."""
    names = [Path(name.format(number)) for number in range(len(lesson.examples))]
    file = tmp_path / "deep" / "page.html"
    write_page(lesson, names, lambda row: JPEG if row % 2 else None, Settings(), file)
    return file.read_text("utf-8")


def test_it_shows_all_that_was_promised(lesson: TrainedTaste, tmp_path: Path) -> None:
    """Precision and recall, calibration, what it saves, the signals, the photos of greatest disagreement."""
    page = page_of(lesson, tmp_path)
    for heading in ("Precision and recall", "Photos left to look at", "Does it come true?", "What it saves",
                    "What you look at", "least have expected", "would have selected"):  # fmt: skip
        assert heading in page
    assert page.count("<polyline") == 4
    assert page.count("IMG_") >= 24
    assert page.count("data:image/jpeg;base64,") >= 5
    assert "Sharpness" in page
    assert f'<meta name="generator" content="{PAGE_MARK}">' in page


def test_its_drawings_are_well_formed_and_within_their_frames(lesson: TrainedTaste, tmp_path: Path) -> None:
    """Every SVG parses, and every point lies in the chart."""
    page = page_of(lesson, tmp_path)
    drawings = re.findall(r"<svg.*?</svg>", page, re.S)
    assert len(drawings) >= 3 + 8
    for drawing in drawings:
        fromstring(drawing)
    for points in re.findall(r'points="([^"]*)"', page):
        numbers = [float(each) for pair in points.split() for each in pair.split(",")]
        assert min(numbers) >= 0
        assert max(numbers) <= 100


def test_it_needs_nothing_else_and_runs_nothing(lesson: TrainedTaste, tmp_path: Path) -> None:
    """No address, no script; its policy says so."""
    page = page_of(lesson, tmp_path)
    assert "default-src 'none'" in page
    assert "<script" not in page
    assert not re.search(r"(src|href)=\"(?!data:)", page)


def test_names_have_no_power_over_it(lesson: TrainedTaste, tmp_path: Path) -> None:
    """A file's name is text."""
    page = page_of(lesson, tmp_path, "<img onerror=x>&\u202e{}.NEF")
    assert "<img onerror" not in page
    assert "&lt;img onerror=x&gt;&amp;" in page
    assert "\u202e" not in page


def test_a_page_that_cannot_be_written_is_named(lesson: TrainedTaste, tmp_path: Path) -> None:
    """A folder in its place."""
    with pytest.raises(MarksError, match="cannot be written"):
        write_page(lesson, [Path("a")] * 400, lambda _: None, Settings(), tmp_path)
