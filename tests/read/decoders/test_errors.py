"""Decode errors: pictures that are refused before they are decoded, and exceptions of the libraries."""

from __future__ import annotations

import pytest

from autocull.read.decoders.errors import UnreadableError, check_pixels, translate_decode_errors

PLENTY = 1 << 40


@pytest.mark.parametrize(
    ("kind", "millions"),
    [("jpeg", 499), ("progressive", 199), ("png", 199), ("tiff", 199), ("psd", 199), ("raw", 199)],
)
def test_each_kind_has_its_limit(kind: str, millions: int) -> None:
    """Just below the limit is accepted, just above is too large."""
    check_pixels(kind, 1000, millions * 1000, PLENTY)
    with pytest.raises(UnreadableError) as caught:
        check_pixels(kind, 1000, (millions + 2) * 1000, PLENTY)
    assert caught.value.code == "too_large"


@pytest.mark.parametrize(
    ("kind", "stored"), [("jpeg", 20_000), ("progressive", 20_000), ("png", 2_500), ("raw", 200_000)]
)
def test_too_few_bytes_mean_a_wrong_header(kind: str, stored: int) -> None:
    """Ten million pixels in fewer bytes than a uniform picture needs are refused; small ones never are."""
    check_pixels(kind, 5000, 2000, stored)
    with pytest.raises(UnreadableError) as caught:
        check_pixels(kind, 5000, 2000, stored - 1)
    assert caught.value.code == "damaged"
    check_pixels(kind, 2000, 2000, 1)


@pytest.mark.parametrize("problem", [ValueError(), SyntaxError(), IndexError(), EOFError(), OSError("cut")])
def test_any_exception_of_a_decoder_means_damaged(problem: Exception) -> None:
    """The error has a plain message, and the original exception as its cause."""
    with pytest.raises(UnreadableError) as caught, translate_decode_errors("This is broken."):
        raise problem
    assert (caught.value.code, str(caught.value)) == ("damaged", "This is broken.")
    assert caught.value.__cause__ is problem


def test_lack_of_memory_is_not_damage() -> None:
    """A picture that does not fit into memory is not called damaged."""
    with pytest.raises(UnreadableError) as caught, translate_decode_errors():
        raise MemoryError
    assert caught.value.code == "out_of_memory"


def test_disk_errors_and_decode_errors_pass_through() -> None:
    """An error of the disk keeps its reason, an UnreadableError its code."""
    disk, own = OSError(5, "Input/output error"), UnreadableError("too_large", "no")
    for problem in (disk, own):
        with pytest.raises(type(problem)) as caught, translate_decode_errors():
            raise problem
        assert caught.value is problem
