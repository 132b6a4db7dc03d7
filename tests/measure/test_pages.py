"""Pages: text on paper and drawn pixels are counted, in photos of scenes there is hardly any."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image
from skimage import data

from autocull.judge import Settings
from autocull.measure.evidence import Page
from autocull.measure.pages import measure_page
from autocull.read.photo import Pixels
from support.page_pictures import draw_page, draw_screenshot, photograph, reduce_picture, save_as_jpeg

SETTINGS = Settings()
PAGES = {
    "plain": draw_page(0),
    "small print": draw_page(1, size=14),
    "large print": draw_page(2, size=26),
    "two columns": draw_page(3, size=16, columns=2),
    "with a picture": draw_page(4, picture=data.astronaut()),
}


@pytest.mark.parametrize("name", PAGES)
def test_pages_of_text_are_text(name: str) -> None:
    """Drawn, scanned and photographed pages have text on clearly more than the limit's share."""
    page = PAGES[name]
    for picture in (page, save_as_jpeg(page, 60), photograph(page, 5), photograph(page, 6)):
        assert measure_page(reduce_picture(picture)).text >= SETTINGS.document_text


def test_a_photographed_page_of_a_book_is_text() -> None:
    """A real photo: a page in uneven light."""
    page = np.stack([data.page()] * 3, axis=-1)
    assert measure_page(page).text >= SETTINGS.document_text


def grey_to_colour(picture: Pixels) -> Pixels:
    """Return a picture with three channels."""
    return np.stack([picture] * 3, axis=-1) if picture.ndim == 2 else picture


@pytest.mark.parametrize(
    "name", ["astronaut", "coffee", "chelsea", "rocket", "camera", "coins", "brick", "grass", "gravel"]
)
def test_photos_are_neither_text_nor_drawn(name: str) -> None:
    """Coins on a cloth, bricks and grass have strokes, but no ink on paper of one colour."""
    page = measure_page(grey_to_colour(getattr(data, name)()))
    assert page.text < SETTINGS.document_text / 2
    assert page.flat < SETTINGS.screenshot_flat / 2


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("picture", [None, data.coffee()])
def test_screenshots_are_drawn(dark: bool, picture: Pixels | None) -> None:
    """Their pixels equal their neighbours, as PNG and as JPEG, with a picture in them or not."""
    screen = draw_screenshot(1, dark=dark, picture=picture)
    for version in (screen, save_as_jpeg(screen, 85)):
        assert measure_page(reduce_picture(version)).flat >= SETTINGS.screenshot_flat


@pytest.mark.parametrize("name", ["astronaut", "coffee", "chelsea", "rocket"])
@pytest.mark.parametrize("quality", [3, 6, 12])
def test_blocks_of_a_crushed_jpeg_are_not_drawn(name: str, quality: int) -> None:
    """A photo that lost much to compression has even blocks; it is still a photo."""
    crushed = save_as_jpeg(getattr(data, name)(), quality)
    assert measure_page(crushed).flat < SETTINGS.screenshot_flat


def test_noise_and_clipping_are_not_drawn() -> None:
    """A burnt-out or black photo is blank, not flat; one grey level of noise is no equal pixel."""
    white, black = (np.full((400, 600, 3), level, np.uint8) for level in (255, 0))
    assert measure_page(white) == measure_page(black) == Page(text=0, flat=0, blank=1)
    noise = np.random.default_rng(0).integers(100, 104, (400, 600, 3)).astype(np.uint8)
    assert measure_page(noise).flat < 0.01
    grey = np.full((400, 600, 3), 128, np.uint8)
    assert measure_page(grey) == Page(text=0, flat=1, blank=0)


def test_text_is_counted_on_paper_of_one_colour() -> None:
    """Strokes on grounds of many colours are no page: the same strokes on white are."""
    page = draw_page(0, size=20)
    colours = np.random.default_rng(1).uniform(0.2, 1, (page.shape[0] // 64 + 1, page.shape[1] // 64 + 1, 3))
    tinted = page * colours.repeat(64, 0).repeat(64, 1)[: page.shape[0], : page.shape[1]]
    assert measure_page(tinted.astype(np.uint8)).text < measure_page(page).text / 3


@pytest.mark.parametrize("size", [(1, 1), (31, 600), (90, 120)])
def test_tiny_pictures_show_no_page(size: tuple[int, int]) -> None:
    """A picture of few blocks is not judged; none fails."""
    page = np.asarray(Image.fromarray(draw_page(0)).resize(size))
    assert measure_page(page).text == 0
