"""Capture metadata: cleaned, bounded, and merged by the priority of the sources."""

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
    """Make tags as ExifRead returns them: EXIF tags, or main tags if the name starts with `Image_`."""
    return {
        name.replace("_", " ") if "_" in name else f"EXIF {name}": SimpleNamespace(values=value)
        for name, value in values.items()
    }


def capture_of(**values: Any) -> Capture:
    """Return the capture of tags."""
    return capture_from_tags(tags_of(**values), "exif")


def test_all_values_of_a_camera() -> None:
    """Every value of a real EXIF block is in its unit."""
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
        "2024:05:01 25:00:00",
        "today",
        "",
    ],
)
def test_invalid_dates_are_ignored(date: str) -> None:
    """Zeros, blanks and invalid days give neither a time nor a source."""
    capture = capture_of(DateTimeOriginal=date)
    assert capture.taken is None
    assert capture.taken_from is None


@pytest.mark.parametrize(
    ("date", "taken"),
    [
        ("2019:01:01 24:04:20", "2019-01-01T00:04:20"),
        ("2010/04/25 08:47:06", "2010-04-25T08:47:06"),
        ("2010.04.25 08:47:06", "2010-04-25T08:47:06"),
        ("2010: 4:25  8:47: 6", "2010-04-25T08:47:06"),
        ("2016:12:31 23:59:60", "2016-12-31T23:59:59"),
        ("2010:04:25 08:47", "2010-04-25T08:47"),
    ],
)
def test_dates_of_all_cameras_are_read(date: str, taken: str) -> None:
    """Hour 24, slashes, dots, blanks, leap seconds; without seconds there are no sub-seconds either."""
    capture = capture_of(DateTimeOriginal=date)
    assert (capture.taken, capture.taken_from) == (taken, "exif")
    assert datetime.fromisoformat(taken)
    assert capture_of(DateTimeOriginal="2010:04:25 08:47", SubSecTimeOriginal="5").taken == "2010-04-25T08:47"


def test_other_date_tags_are_fallbacks() -> None:
    """The digitising date, then the main date tag, each with its own sub-seconds and offset."""
    zero = "0000:00:00 00:00:00"
    capture = capture_of(
        DateTimeOriginal=zero,
        SubSecTimeOriginal="99",
        DateTimeDigitized="2001:02:03 04:05:06",
        SubSecTimeDigitized="7",
    )
    assert capture.taken == "2001-02-03T04:05:06.7"
    capture = capture_of(DateTimeOriginal=zero, Image_DateTime="2001-02-03 04:05:06", OffsetTime="-03:30")
    assert capture.taken == "2001-02-03T04:05:06-03:30"


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
def test_invalid_fractions_and_offsets_are_ignored(
    fraction: str | None, offset: str | None, end: str
) -> None:
    """Only digits are fractions, only valid offsets are kept; the result is a date that Python parses."""
    tags = {"SubSecTimeOriginal": fraction, "OffsetTimeOriginal": offset}
    taken = capture_of(DateTimeOriginal="2024:05:06 07:08:09", **{k: v for k, v in tags.items() if v}).taken
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
def test_camera_name_has_the_make_once(make: str, model: str, camera: str | None) -> None:
    """The make is not repeated if the model starts with it."""
    assert capture_of(Image_Make=make, Image_Model=model).camera == camera


@pytest.mark.parametrize("number", [Ratio(0, 1), Ratio(-5, 1), Ratio(5, 0), "x", None, 10**9])
def test_invalid_numbers_are_none(number: object) -> None:
    """Zero, negative and enormous values, divisions by zero and texts are ignored."""
    values = number if isinstance(number, str) else [number]
    capture = capture_of(FocalLength=values, FNumber=values, ExposureTime=values, ISOSpeedRatings=values)
    assert (capture.focal_length, capture.aperture, capture.shutter, capture.iso) == (None,) * 4


def test_exposure_bias_has_a_range() -> None:
    """Zero is a valid bias; 300 EV is not."""
    assert capture_of(ExposureBiasValue=[Ratio(0, 6)]).exposure_bias == 0
    assert capture_of(ExposureBiasValue=[Ratio(300, 1)]).exposure_bias is None


def test_iso_65535_is_ignored() -> None:
    """65535 means that the value is in another tag."""
    assert capture_of(ISOSpeedRatings=[65535]).iso is None
    assert capture_of(PhotographicSensitivity=[12800]).iso == 12800


@given(st.text(max_size=130))
def test_texts_are_clean(text: str) -> None:
    """No control characters, no bidirectional marks, no outer spaces, at most 100 characters, never empty."""
    cleaned = clean_text(text)
    if cleaned is not None:
        assert 0 < len(cleaned) <= 100
        assert cleaned == cleaned.strip()
        assert not any(ord(letter) < 32 or 0x7F <= ord(letter) < 0xA0 for letter in cleaned)
        assert not set(cleaned) & set("\u202a\u202e\u2066\u2069\u200f")
        cleaned.encode()


def test_markup_is_kept_as_text() -> None:
    """Cleaning does not escape: that is up to the code that writes HTML."""
    assert clean_text("Nik\0\x1b[31mon <b>") == "Nik [31mon <b>"


def test_first_source_with_a_value_wins() -> None:
    """Each value comes from the first capture that has one, and the time keeps its source."""
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


def test_file_time_is_local_and_marked() -> None:
    """The file's own time is local time with the source "file"; an invalid one is ignored."""
    capture = capture_from_time(1_700_000_000.25, "file")
    assert capture.taken_from == "file"
    assert capture.taken == datetime.fromtimestamp(1_700_000_000.25).isoformat()  # noqa: DTZ006 - local is meant
    for impossible in (0, -5, 1e30):
        assert capture_from_time(impossible, "file") == Capture()


def test_builder_sorts_the_tags() -> None:
    """The builder of these tests writes its tags in TIFF's order, so that readers accept them."""
    writer = TiffWriter()
    block = writer.finish(writer.directory([Tag(272, 2, "B"), Tag(271, 2, "A")]))
    assert block.index(b"\x0f\x01") < block.index(b"\x10\x01")
