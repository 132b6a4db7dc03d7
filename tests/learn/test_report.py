"""The report about a taste: complete, self-contained, and safe with hostile file names."""

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
def trained() -> TrainedTaste:
    """Train a taste."""
    return train_taste(examples(400, 10), "Anna", origin(), fit_least_squares)


def write_and_read_page(trained: TrainedTaste, tmp_path: Path, name: str = "IMG_{}.NEF") -> str:
    """Write the page, and return it."""
    names = [Path(name.format(number)) for number in range(len(trained.examples))]
    file = tmp_path / "deep" / "page.html"
    write_page(trained, names, lambda row: JPEG if row % 2 else None, Settings(), file)
    return file.read_text("utf-8")


def test_page_has_every_section(trained: TrainedTaste, tmp_path: Path) -> None:
    """Precision and recall, calibration, photos saved, signals, and photos of greatest disagreement."""
    page = write_and_read_page(trained, tmp_path)
    for heading in ("Precision and recall", "Photos to view", "Calibration", "What it saves",
                    "What decides", "lowest probability", "highest probability"):  # fmt: skip
        assert heading in page
    assert page.count("<polyline") == 4
    assert page.count("IMG_") >= 24
    assert page.count("data:image/jpeg;base64,") >= 5
    assert "Sharpness" in page
    assert f'<meta name="generator" content="{PAGE_MARK}">' in page


def test_charts_are_valid_svg_within_their_frames(trained: TrainedTaste, tmp_path: Path) -> None:
    """Every SVG parses, and every point is within the chart."""
    page = write_and_read_page(trained, tmp_path)
    drawings = re.findall(r"<svg.*?</svg>", page, re.S)
    assert len(drawings) >= 3 + 8
    for drawing in drawings:
        fromstring(drawing)
    for points in re.findall(r'points="([^"]*)"', page):
        numbers = [float(each) for pair in points.split() for each in pair.split(",")]
        assert min(numbers) >= 0
        assert max(numbers) <= 100


def test_page_is_self_contained_and_has_no_script(trained: TrainedTaste, tmp_path: Path) -> None:
    """No external address, no script, and a policy that forbids both."""
    page = write_and_read_page(trained, tmp_path)
    assert "default-src 'none'" in page
    assert "<script" not in page
    assert not re.search(r"(src|href)=\"(?!data:)", page)


def test_file_names_are_escaped(trained: TrainedTaste, tmp_path: Path) -> None:
    """A file name with markup is shown as text."""
    page = write_and_read_page(trained, tmp_path, "<img onerror=x>&\u202e{}.NEF")
    assert "<img onerror" not in page
    assert "&lt;img onerror=x&gt;&amp;" in page
    assert "\u202e" not in page


def test_unwritable_page_is_named(trained: TrainedTaste, tmp_path: Path) -> None:
    """As where its path is a folder."""
    with pytest.raises(MarksError, match="cannot be written"):
        write_page(trained, [Path("a")] * 400, lambda _: None, Settings(), tmp_path)
