"""The plug-in's JSON against Python's, and against hostile texts."""

from __future__ import annotations

import json
import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugin.pure import Modules, read

LUA = Modules()
JSON = LUA["Json"]

PATHS = [
    "/Volumes/Öffentlich/Hochzeit Müller/ß & Söhne/IMG_0001.NEF",
    unicodedata.normalize("NFD", "/Users/zoë/Fotos/Ångström.CR3"),
    "C:\\Bilder\\日本\\写真 1.jpg",
    "\\\\nas\\fotos\\Ü.dng",
    "/tmp/😀/👩‍👩‍👧.jpg",
    "/a/\u2028line\u2029.jpg",
    "/a/quote\"s and 'these'.jpg",
    "/a/\x7f\x01.jpg",
]


def decoded(text: str | bytes) -> Any:
    """The result of decoding a text: the value, or a tuple of None and the reason."""
    return read(JSON.decode(text.encode() if isinstance(text, str) else text))


def encoded(value: Any) -> Any:
    """What the encoder makes of a value."""
    return read(JSON.encode(LUA.table(value)))


@pytest.mark.parametrize("path", PATHS)
def test_path_is_unchanged_by_encoding_and_decoding(path: str) -> None:
    """No path is normalised, escaped or cut on its way to the daemon and back."""
    text = JSON.encode(LUA.table({"path": path}))
    assert json.loads(text) == {"path": path}
    for spelled in (text, json.dumps({"path": path}).encode()):
        assert JSON.decode(spelled)[b"path"] == path.encode()


VALUES = st.recursive(
    st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, min_size=1, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(VALUES)
def test_python_and_lua_decode_the_same(value: Any) -> None:
    """Python's JSON, decoded and encoded by Lua, is the same value in Python."""
    text = JSON.encode(JSON.decode(json.dumps(value).encode()))
    assert json.loads(text) == value
    same = JSON.encode(JSON.decode(json.dumps(value, ensure_ascii=False).encode()))
    assert same == text


@given(st.binary(max_size=40))
def test_any_bytes_are_decoded_or_refused_without_an_error(noise: bytes) -> None:
    """Whatever Python's strict decoder refuses is refused, with a reason; nothing raises."""
    answer = JSON.decode(noise)
    if isinstance(answer, tuple):
        assert answer[0] is None
        assert answer[1]
    else:
        json.loads(noise.decode())


REFUSED = {
    "nothing": "",
    "blanks": "  \n",
    "a word": "nul",
    "words run together": "truefalse",
    "two values": "{} {}",
    "a comma too many": "[1,]",
    "a comma too many in an object": '{"a":1,}',
    "no comma": "[1 2]",
    "no colon": '{"a" 1}',
    "a key without quotes": "{a:1}",
    "single quotes": "{'a':1}",
    "an open array": "[1",
    "an open object": '{"a":1',
    "an open text": '"abc',
    "an open escape": '"abc\\',
    "a line break in a text": '"a\nb"',
    "a NUL in a text": '"a\x00b"',
    "an unknown escape": '"\\x41"',
    "half an escape": '"\\u12"',
    "a lone high surrogate": '"\\ud83d"',
    "a high surrogate before a letter": '"\\ud83d\\u0041"',
    "a lone low surrogate": '"\\ude00"',
    "NaN": "NaN",
    "Infinity": "[Infinity]",
    "minus infinity": "-Infinity",
    "too large": "1e400",
    "a leading zero": "01",
    "a plus": "+1",
    "hexadecimal": "0x10",
    "a bare point": ".5",
    "a point without digits": "1.",
    "an exponent without digits": "1e",
    "a comment": "[1] // one",
    "a byte order mark": "\ufeff{}",
    "the same key twice": '{"a":1,"a":2}',
    "the same key twice, once escaped": '{"a":1,"\\u0061":null}',
    "too deep": "[" * 65 + "]" * 65,
    "a million brackets": "[" * 1_000_000,
}


@pytest.mark.parametrize("text", REFUSED.values(), ids=REFUSED.keys())
def test_invalid_json_is_refused_with_a_reason(text: str) -> None:
    """No repair and no guess: nil, and what is wrong."""
    value, why = decoded(text)
    assert value is None
    assert why


@pytest.mark.parametrize(
    "raw",
    [b'"\xff"', b'"\xc3"', b'"\xc0\xaf"', b'"\xed\xa0\x80"', b'"\xf5\x80\x80\x80"', b'"\xe2\x82"', b'"\x80"'],
)
def test_invalid_utf8_is_refused_both_ways(raw: bytes) -> None:
    """Broken, overlong and surrogate byte sequences are neither decoded nor encoded."""
    assert decoded(raw) == (None, "not UTF-8")
    assert read(JSON.encode(raw[1:-1])) == (None, "a text is not UTF-8")


def test_a_text_of_more_than_five_megabytes_is_refused() -> None:
    """A page that large would stop Lightroom's only thread."""
    assert decoded(b'"' + b"a" * (5 * 1024 * 1024) + b'"') == (None, "longer than 5 MB")


def test_null_is_an_absent_key_and_keeps_its_index_in_an_array() -> None:
    """A missing field reads as nil; an array does not lose its count."""
    assert decoded('{"a":null,"b":1}') == {"b": 1}
    assert JSON.encode(JSON.decode(b"[1,null,3]")) == b"[1,null,3]"
    assert JSON.encode(JSON.null) == b"null"


def test_empty_tables_are_objects_unless_marked() -> None:
    """An empty list of photos must not be sent as an object."""
    modules = Modules()
    encode = modules["Json"].encode
    assert encode(modules.table({})) == b"{}"
    assert encode(modules["Json"].array(modules.table({}))) == b"[]"
    assert encode(modules["Json"].decode(b'{"a":[],"b":{}}')) == b'{"a":[],"b":{}}'


def test_whole_numbers_are_encoded_without_a_point() -> None:
    """A rating is 3 and not 3.0: the daemon accepts only whole numbers in some fields."""
    assert (
        encoded({"a": 3, "b": 0.2, "c": -1, "d": 2.0**52})
        == '{"a":3,"b":0.20000000000000001,"c":-1,"d":4503599627370496}'
    )


def test_values_that_json_cannot_represent_are_refused() -> None:
    """NaN, infinity, functions, gaps, mixed tables and circles give a reason, and no text."""
    lua = LUA.lua
    for source in (b"0/0", b"1/0", b"-1/0", b"print", b"{1, nil, 3}", b"{1, a = 2}", b"{[true] = 1}"):
        value, why = read(JSON.encode(lua.execute(b"return " + source)))
        assert value is None, source
        assert why
    circle = lua.execute(b"local t = {} t.t = t return t")
    assert "deeper" in read(JSON.encode(circle))[1]
