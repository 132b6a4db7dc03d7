"""Bodies: every JSON text that is one means what it says, and nothing else gets through (row 15)."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autocull.errors import RequestError
from autocull.serve.http.request_parsing import MAX_DEPTH, parse_body

TEXT = st.text(st.characters(exclude_categories=["Cs"]))
NUMBERS = st.integers(-(2**60), 2**60) | st.floats(allow_nan=False, allow_infinity=False)
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=20,
)


@given(VALUES, st.booleans())
def test_json_means_what_it_says(value: object, escaped: bool) -> None:
    """Any value comes back equal, its texts escaped or not: brackets and quotes in texts are no levels."""
    assert parse_body(json.dumps(value, ensure_ascii=escaped).encode()) == value


@given(st.binary(max_size=60))
def test_whatever_comes_is_json_or_refused(content: bytes) -> None:
    """No byte sequence raises anything else, and Python's own reader takes all that ours takes."""
    try:
        value = parse_body(content)
    except RequestError as error:
        assert error.code == "bad_json"  # noqa: PT017 - both ways are right
    else:
        assert json.loads(content) == value


@pytest.mark.parametrize("kinds", ["[", '{"a":', '[{"a":'])
def test_levels_are_counted_before_anything_is_read(kinds: str) -> None:
    """One level more than allowed is refused, also where the text breaks off there."""
    closing = {"[": "]", "{": "}"}
    levels = kinds * (MAX_DEPTH // sum(kinds.count(bracket) for bracket in "[{"))
    rest = "".join(closing[letter] for letter in reversed(levels) if letter in closing)
    assert parse_body(f"{levels}1{rest}".encode()) is not None
    for text in (f"[{levels}1{rest}]", f"[{levels}"):
        with pytest.raises(RequestError, match="deeper than 32"):
            parse_body(text.encode())


def test_a_text_full_of_brackets_is_flat() -> None:
    """What stands between quotes is no level, also behind escaped quotes."""
    text = '\\"[{' * 100
    assert parse_body(f'["{text}"]'.encode()) == ['"[{' * 100]


@pytest.mark.parametrize(
    ("text", "value"), [("5.0", 5), ("-0.0", 0), ("1e3", 1000), ("2.5", 2.5), ("1e300", 1e300)]
)
def test_whole_numbers_are_whole_however_they_are_written(text: str, value: float) -> None:
    """JSON has one kind of number: 5 and 5.0 are the same stars."""
    found = parse_body(text.encode())
    assert found == value
    assert type(found) is type(value)


def test_a_refusal_does_not_repeat_the_body() -> None:
    """Whatever stood there stays there."""
    with pytest.raises(RequestError) as caught:
        parse_body(b'{"secret": "hunter2" "x"}')
    assert "hunter2" not in caught.value.message
    assert "character 21" in caught.value.message
