"""Capture facts: cleaned, bounded, the strongest source first."""

from __future__ import annotations

from datetime import datetime
from io import BytesIO
from types import SimpleNamespace
from typing import Any

import pytest
from exifread.utils import Ratio
from hypothesis import given
from hypothesis import strategies as st

from autocull.read.metadata.capture import capture_from_tags, capture_from_time, clean_text, merge_metadata
from autocull.read.metadata.exif import Tags, read_tags
from autocull.read.photo import Capture
from support.raw_files import Tag, TiffWriter, exif_tags


def tags_of(**values: Any) -> Tags:
    """Make tags as ExifRead gives them: EXIF ones, or main ones where the name starts with `Image_`."""
    return {
        name.replace("_", " ") if "_" in name else f"EXIF {name}": SimpleNamespace(values=value)
        for name, value in values.items()
    }


def facts(**values: Any) -> Capture:
    """Return the facts of tags."""
    return capture_from_tags(tags_of(**values), "exif")


def test_all_facts_of_a_camera() -> None:
    """Every fact of a real EXIF block arrives in its unit."""
    writer = TiffWriter()
    block = writer.finish(writer.directory(exif_tags("2024:05:06 07:08:09")))
    blocks = {name.replace("Image", "EXIF"): tag for name, tag in read_tags(BytesIO(block)).items()}
    names = tags_of(Image_Make="NIKON CORPORATION", Image_Model="NIKON D7100")
    assert capture_from_tags(blocks | dict(names), "exif") == Capture(
        taken="2024-05-06T07:08:09.42+02:00",
        taken_from="exif",
        camera="NIKON D7100",
        serial="20240042",
        lens="50mm f/1.8",
        focal_length=50.0,
        aperture=2.8,
        shutter=1 / 250,
        iso=400,
        exposure_bias=pytest.approx(-1 / 3),
    )


@pytest.mark.parametrize(
    "date",
    [
        "0000:00:00 00:00:00",
        "    :  :     :  :  ",
        "2024:13:01 10:00:00",
        "2023:02:29 10:00:00",
        "1970:01:01 00:00:00",
        "today",
        "",
    ],
)
def test_impossible_dates_are_no_dates(date: str) -> None:
    """Zeros, blanks and days that never were are not believed, nor is their source."""
    found = facts(DateTimeOriginal=date)
    assert found.taken is None
    assert found.taken_from is None


def test_weaker_dates_stand_in() -> None:
    """The digitising date, then the file's own date tag, each with its own sub-seconds and offset."""
    zero = "0000:00:00 00:00:00"
    found = facts(
        DateTimeOriginal=zero,
        SubSecTimeOriginal="99",
        DateTimeDigitized="2001:02:03 04:05:06",
        SubSecTimeDigitized="7",
    )
    assert found.taken == "2001-02-03T04:05:06.7"
    found = facts(DateTimeOriginal=zero, Image_DateTime="2001-02-03 04:05:06", OffsetTime="-03:30")
    assert found.taken == "2001-02-03T04:05:06-03:30"


@pytest.mark.parametrize(
    ("fraction", "offset", "end"),
    [
        ("120", "+05:45", ".120+05:45"),
        (" 5 ", None, ".5"),
        ("x1", "+99:00", ""),
        ("", "02:00", ""),
        (None, "Z", ""),
        ("1234567890123", None, ".123456789"),
        ("٣", None, ""),
    ],
)
def test_fractions_and_offsets(fraction: str | None, offset: str | None, end: str) -> None:
    """Only digits are fractions, only true offsets are offsets; the result is a date that Python reads."""
    given_ = {"SubSecTimeOriginal": fraction, "OffsetTimeOriginal": offset}
    taken = facts(DateTimeOriginal="2024:05:06 07:08:09", **{k: v for k, v in given_.items() if v}).taken
    assert taken == "2024-05-06T07:08:09" + end
    assert datetime.fromisoformat(taken).year == 2024


@pytest.mark.parametrize(
    ("make", "model", "camera"),
    [
        ("NIKON CORPORATION", "NIKON D7100", "NIKON D7100"),
        ("Canon", "Canon EOS R6", "Canon EOS R6"),
        ("SONY", "ILCE-7M3", "SONY ILCE-7M3"),
        ("ACME", "", "ACME"),
        ("", "X1", "X1"),
        ("\0\0", " ", None),
    ],
)
def test_camera_names(make: str, model: str, camera: str | None) -> None:
    """The make is said once."""
    assert facts(Image_Make=make, Image_Model=model).camera == camera


@pytest.mark.parametrize("number", [Ratio(0, 1), Ratio(-5, 1), Ratio(5, 0), "x", None, 10**9])
def test_impossible_numbers_are_unknown(number: object) -> None:
    """Zero, negative and enormous lengths, divisions by zero and texts are not believed."""
    values = number if isinstance(number, str) else [number]
    found = facts(FocalLength=values, FNumber=values, ExposureTime=values, ISOSpeedRatings=values)
    assert (found.focal_length, found.aperture, found.shutter, found.iso) == (None,) * 4


def test_exposure_bias() -> None:
    """Zero is a bias; 300 EV is not."""
    assert facts(ExposureBiasValue=[Ratio(0, 6)]).exposure_bias == 0
    assert facts(ExposureBiasValue=[Ratio(300, 1)]).exposure_bias is None


def test_iso_beyond_its_tag() -> None:
    """65535 says "look elsewhere" and is no ISO value."""
    assert facts(ISOSpeedRatings=[65535]).iso is None
    assert facts(PhotographicSensitivity=[12800]).iso == 12800


@given(st.text(max_size=130))
def test_texts_are_clean(text: str) -> None:
    """No control characters, no bidirectional tricks, no outer spaces, at most 100 letters, never empty."""
    cleaned = clean_text(text)
    if cleaned is not None:
        assert 0 < len(cleaned) <= 100
        assert cleaned == cleaned.strip()
        assert not any(ord(letter) < 32 or 0x7F <= ord(letter) < 0xA0 for letter in cleaned)
        assert not set(cleaned) & set("\u202a\u202e\u2066\u2069\u200f")
        cleaned.encode()


def test_markup_is_kept_as_text() -> None:
    """Cleaning is not escaping: whoever writes HTML escapes."""
    assert clean_text("Nik\0\x1b[31mon <b>") == "Nik [31mon <b>"


def test_strongest_source_first() -> None:
    """Each fact comes from the first source that knows it, and the time brings its own source along."""
    first = Capture(camera="A", iso=None)
    second = Capture(taken="2024-01-01T00:00:00", taken_from="preview", camera="B", iso=100)
    third = Capture(taken="2025-01-01T00:00:00", taken_from="file", lens="L", exposure_bias=0.0)
    merged = merge_metadata([first, second, third])
    assert merged == Capture(
        taken="2024-01-01T00:00:00",
        taken_from="preview",
        camera="A",
        iso=100,
        lens="L",
        exposure_bias=0.0,
    )


def test_file_time() -> None:
    """The file's own time is local time, marked as weak; an impossible one is no time."""
    found = capture_from_time(1_700_000_000.25, "file")
    assert found.taken_from == "file"
    assert found.taken == datetime.fromtimestamp(1_700_000_000.25).isoformat()  # noqa: DTZ006 - local is meant
    for impossible in (0, -5, 1e30):
        assert capture_from_time(impossible, "file") == Capture()


def test_directory_is_sorted_whatever_the_order() -> None:
    """The builder of these tests writes its tags in TIFF's order, so that readers accept them."""
    writer = TiffWriter()
    block = writer.finish(writer.directory([Tag(272, 2, "B"), Tag(271, 2, "A")]))
    assert block.index(b"\x0f\x01") < block.index(b"\x10\x01")
