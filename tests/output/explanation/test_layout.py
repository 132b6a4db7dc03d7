"""Tests of blocks: text stays inside, blocks keep their positions, bars show their number."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from autocull.output.explanation.layout import (
    BACKGROUND,
    DOUBT,
    REJECT,
    add_margin,
    add_title,
    create_blank,
    draw_bar,
    load_font,
    render_text,
    shorten,
    stack_horizontally,
    stack_vertically,
    wrap_text,
)

WORDS = "Eyes closed on the marked face, and several other words that need more than one line"


def colour(name: str) -> tuple[int, int, int]:
    """Return the levels of a colour by its name."""
    return Image.new("RGB", (1, 1), name).getpixel((0, 0))  # type: ignore[return-value]


def test_text_is_wrapped() -> None:
    """Every line fits, and no word is lost or moved."""
    lines = wrap_text(WORDS, 200, 16)
    assert len(lines) > 2
    assert " ".join(lines) == WORDS
    assert all(load_font(16).getlength(line) <= 200 for line in lines)


@given(st.text(max_size=80), st.integers(1, 300))
def test_text_fits_its_width(text: str, width: int) -> None:
    """For any text, a block has the requested width and at least the height of a line."""
    block = render_text(text, width, 14)
    assert block.width == width
    assert block.height >= 14
    if width >= 30:
        assert all(load_font(14).getlength(line) <= width for line in wrap_text(text, width, 14))


def test_long_name_is_shortened_in_the_middle() -> None:
    """Start and end of a file's name remain."""
    short = shorten("DSC_0001_" + "x" * 300 + "_final.jpg", 200, 16)
    assert short.startswith("DSC_")
    assert short.endswith(".jpg")
    assert "..." in short
    assert shorten("a.jpg", 200, 16) == "a.jpg"


def test_text_is_drawn_in_its_colour() -> None:
    """The block has the background and the text's colour; an empty text only the background."""
    block = np.asarray(render_text("Reject", 200, 30, REJECT))
    assert (block == colour(REJECT)).all(-1).any()
    assert (np.asarray(render_text("", 200, 30)) == colour(BACKGROUND)).all()


def test_blocks_keep_their_order_and_gaps() -> None:
    """Vertically and horizontally, with background between them."""
    red, blue = Image.new("RGB", (10, 20), "red"), Image.new("RGB", (30, 5), "blue")
    column = stack_vertically([red, blue], 4)
    assert column.size == (30, 29)
    assert [column.getpixel((0, y)) for y in (0, 21, 24)] == [(255, 0, 0), colour(BACKGROUND), (0, 0, 255)]
    row = stack_horizontally([red, blue], 4)
    assert row.size == (44, 20)
    assert [row.getpixel((x, 0)) for x in (0, 11, 14)] == [(255, 0, 0), colour(BACKGROUND), (0, 0, 255)]
    assert add_margin(red, 3).size == (16, 26)
    assert add_margin(red, 3).getpixel((3, 3)) == (255, 0, 0)


def test_block_is_below_its_title() -> None:
    """Title and subtitle come first, and the block is complete."""
    red = Image.new("RGB", (300, 20), "red")
    whole = add_title(red, "Title", "What it shows")
    assert whole.width == 300
    assert whole.crop((0, whole.height - 20, 300, whole.height)).tobytes() == red.tobytes()


@pytest.mark.parametrize(("value", "filled"), [(0.0, 0), (0.25, 25), (1.0, 100), (7.0, 100), (-1.0, 0)])
def test_bar_length_is_its_number(value: float, filled: int) -> None:
    """The filled part is the number's share of the width, and stays within the bar."""
    row = np.asarray(draw_bar(value, [], 100, "#ff0000"))[6]
    assert abs((row == (255, 0, 0)).all(-1).sum() - filled) <= 1


def test_limit_is_marked_at_its_position() -> None:
    """Each limit has its colour at its share of the width, above and below the bar."""
    pixels = np.asarray(draw_bar(0.5, [(0.2, REJECT), (0.8, DOUBT)], 200))[0]
    for limit, shade in ((0.2, REJECT), (0.8, DOUBT)):
        columns = np.flatnonzero((pixels == colour(shade)).all(-1))
        assert columns.mean() == pytest.approx(limit * 200, abs=2)


def test_blank_block_has_at_least_one_pixel() -> None:
    """A size of zero is no error."""
    assert create_blank(0, -3).size == (1, 1)
    assert stack_vertically([]).size[0] == 1
