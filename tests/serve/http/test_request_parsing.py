"""Request bodies: valid JSON is returned unchanged, everything else is refused (row 15)."""

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
def test_valid_json_is_returned_unchanged(value: object, escaped: bool) -> None:
    """Also with escaped strings, and with brackets and quotes in strings."""
    assert parse_body(json.dumps(value, ensure_ascii=escaped).encode()) == value


@given(st.binary(max_size=60))
def test_any_bytes_are_parsed_or_refused(content: bytes) -> None:
    """No other exception is raised, and Python's parser accepts all that is accepted here."""
    try:
        value = parse_body(content)
    except RequestError as error:
        assert error.code == "bad_json"  # noqa: PT017 - both ways are right
    else:
        assert json.loads(content) == value


@pytest.mark.parametrize("kinds", ["[", '{"a":', '[{"a":'])
def test_nesting_is_checked_before_parsing(kinds: str) -> None:
    """One level too many is refused, also in a text that ends there."""
    closing = {"[": "]", "{": "}"}
    levels = kinds * (MAX_DEPTH // sum(kinds.count(bracket) for bracket in "[{"))
    rest = "".join(closing[letter] for letter in reversed(levels) if letter in closing)
    assert parse_body(f"{levels}1{rest}".encode()) is not None
    for text in (f"[{levels}1{rest}]", f"[{levels}"):
        with pytest.raises(RequestError, match="deeper than 32"):
            parse_body(text.encode())


def test_brackets_in_strings_do_not_count_as_nesting() -> None:
    """Also after escaped quotes."""
    text = '\\"[{' * 100
    assert parse_body(f'["{text}"]'.encode()) == ['"[{' * 100]


@pytest.mark.parametrize(
    ("text", "value"), [("5.0", 5), ("-0.0", 0), ("1e3", 1000), ("2.5", 2.5), ("1e300", 1e300)]
)
def test_whole_numbers_become_integers(text: str, value: float) -> None:
    """JSON has one number type: 5 and 5.0 are equal."""
    result = parse_body(text.encode())
    assert result == value
    assert type(result) is type(value)


def test_error_message_does_not_quote_the_body() -> None:
    """The body may contain anything."""
    with pytest.raises(RequestError) as caught:
        parse_body(b'{"secret": "hunter2" "x"}')
    assert "hunter2" not in caught.value.message
    assert "character 21" in caught.value.message
