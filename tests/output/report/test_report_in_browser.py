"""Tests of the report's page in Chromium: it draws what is near the window, and obeys keys and address."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from autocull.judge import Settings
from autocull.output.report.report import ReportWriter
from autocull.pipeline.thumbnail import make_thumbnail
from autocull.series.model import SeriesPosition
from support.browser import CHROMIUM, Browser, open_browser
from support.evidence_builders import evidence, face
from support.result_factories import judged

pytestmark = [
    pytest.mark.skipif(CHROMIUM is None or os.name == "nt", reason="Chromium is not installed"),
    pytest.mark.timeout(300),
]
PHOTOS = 120
CARDS_WITH_CONTENTS = "document.querySelectorAll('.card > .open').length"
FOCUSED = "document.activeElement.closest('.card')?.dataset.name"


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """Start Chromium once for all tests."""
    with open_browser(tmp_path_factory.mktemp("profile")) as browser:
        browser.resize(1366, 768)
        yield browser


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Write a report of bursts of four, whose every third photo has closed eyes; return its URL."""
    path = tmp_path_factory.mktemp("report") / "report.html"
    thumbnail = make_thumbnail(np.full((60, 90, 3), 128, np.uint8))
    with closing(
        ReportWriter(path, title="A shoot", settings=Settings(), find_thumbnail=lambda _: thumbnail)
    ) as writer:
        for number in range(PHOTOS):
            faces = (face(0.02),) if number % 3 == 0 else ()
            result = judged(Path(f"{number:03d}.JPG"), measured=evidence(faces=faces))
            series = SeriesPosition(f"{number // 4:012d}", "burst", 4 - number % 4, 4, Path("a.JPG"))
            writer.add(replace(result, verdict=replace(result.verdict, series=series)))
        writer.finish()
    return path.as_uri()


def open_page(browser: Browser, url: str) -> None:
    """Open a page as if for the first time."""
    browser.open("about:blank")
    browser.open(url)


def test_only_cards_near_the_window_are_drawn(browser: Browser, report: str) -> None:
    """Far cards have no elements but their data, also after the page was scrolled to its end."""
    open_page(browser, report)
    assert 5 <= browser.evaluate(CARDS_WITH_CONTENTS) < PHOTOS / 2
    browser.evaluate("scrollTo(0, document.body.scrollHeight)")
    last = f"Boolean(document.querySelector('#p{PHOTOS - 1} > .open img'))"
    for _ in range(100):
        browser.wait_for_frame()
        if browser.evaluate(last):
            break
    assert browser.evaluate(last)
    assert browser.evaluate(CARDS_WITH_CONTENTS) < PHOTOS / 2


@pytest.mark.parametrize("size", [(1366, 768), (390, 844)])
def test_first_photo_is_in_the_window(browser: Browser, report: str, size: tuple[int, int]) -> None:
    """Without scrolling, the first photo is wholly visible on a small notebook and on a phone."""
    browser.resize(*size)
    try:
        open_page(browser, report)
        assert browser.evaluate("document.querySelector('.frame').getBoundingClientRect().bottom") < size[1]
        assert browser.evaluate("document.documentElement.scrollWidth <= innerWidth")
    finally:
        browser.resize(1366, 768)


def test_arrow_keys_move_and_enter_opens(browser: Browser, report: str) -> None:
    """The large view has the verdict's sign and stars, and arrow keys turn it over."""
    open_page(browser, report)
    for key, code in (("ArrowRight", 39), ("ArrowRight", 39), ("Enter", 13)):
        browser.press(key, code)
    assert browser.evaluate("document.querySelector('#large h2').textContent") == "001.JPG"
    marks = browser.evaluate("document.querySelector('#large .marks').textContent")
    assert marks.startswith("✓Keep")
    assert "★" in marks
    browser.press("ArrowRight", 39)
    assert browser.evaluate("document.querySelector('#large h2').textContent") == "002.JPG"
    assert browser.evaluate("document.querySelectorAll('#large .bars > div').length") > 5
    browser.press("Escape", 27)
    assert browser.evaluate(FOCUSED) == "002.JPG"


def test_escape_leaves_a_series(browser: Browser, report: str) -> None:
    """The series is shown from its best frame on; leaving it returns to the order and the photo before."""
    open_page(browser, report)
    for _ in range(42):
        browser.press("ArrowRight", 39)
    browser.press("s", 83)
    names = "[...document.querySelectorAll('.card')].map((card) => card.dataset.name)"
    assert browser.evaluate(names) == ["043.JPG", "042.JPG", "041.JPG", "040.JPG"]
    assert browser.evaluate(FOCUSED) == "043.JPG"
    top = browser.evaluate("document.querySelector('#p43').getBoundingClientRect().top")
    assert 0 <= top < 768
    browser.press("Escape", 27)
    assert len(browser.evaluate(names)) > 4
    assert browser.evaluate("document.getElementById('sort').value") == "shoot"
    assert browser.evaluate(FOCUSED) == "041.JPG"


def test_address_keeps_the_state(browser: Browser, report: str) -> None:
    """Filter, search and the large photo are in the address, and are restored from it."""
    open_page(browser, report)
    browser.press("2", 50)
    assert browser.evaluate("location.hash") == "#verdict=reject"
    open_page(browser, report + "#verdict=keep&text=04.jpg&photo=p4")
    assert browser.evaluate("document.getElementById('shown').textContent") == f"2 of {PHOTOS} shown"
    assert browser.evaluate("document.querySelector('#large[open] h2').textContent") == "004.JPG"


def test_chips_follow_the_verdict(browser: Browser, report: str) -> None:
    """Reasons are counted within the chosen verdict; one that no photo has is hidden."""
    open_page(browser, report)
    chip = "document.querySelector('[data-reason=eyes_closed]')"
    assert browser.evaluate(f"{chip}.querySelector('b').textContent") == str(PHOTOS // 3)
    browser.press("1", 49)
    assert browser.evaluate(f"{chip}.hidden")
    browser.press("2", 50)
    assert not browser.evaluate(f"{chip}.hidden")


def test_targets_are_large_enough(browser: Browser, report: str) -> None:
    """Every control is at least 24 pixels high and wide."""
    open_page(browser, report)
    small = """[...document.querySelectorAll("button, input, select, summary")].filter((each) => {
        const { width, height } = each.getBoundingClientRect();
        return width && (width < 24 || height < 24);
    }).map((each) => each.outerHTML.slice(0, 200))"""
    assert browser.evaluate(small) == []


def test_eyes_differ_by_the_form_of_the_line(browser: Browser, report: str) -> None:
    """Open, closed and cannot tell have different lines, not colours alone."""
    open_page(browser, report)
    dashes = """["open", "closed", "cannot_tell"].map((kind) => {
        const group = document.querySelector("#p0 .face");
        group.setAttribute("class", `face ${kind}`);
        return getComputedStyle(group.querySelector("rect")).strokeDasharray;
    })"""
    assert len(set(browser.evaluate(dashes))) == 3


@pytest.mark.parametrize("name", ["keep", "reject", "doubt", "quiet"])
def test_colors_have_contrast(browser: Browser, report: str, name: str) -> None:
    """Texts have at least 4.5:1 on the background of cards (WCAG 2.1, 1.4.3)."""
    open_page(browser, report)
    read = "getComputedStyle(document.documentElement).getPropertyValue('--{}')"
    front, back = (browser.evaluate(read.format(each)).strip() for each in (name, "raised"))
    assert (_luminance(front) + 0.05) / (_luminance(back) + 0.05) >= 4.5


def _luminance(color: str) -> float:
    """Return the relative luminance of #rrggbb (WCAG 2.1)."""
    parts = [int(color[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
