"""JPEG: one decode into the buffer, truncated pictures are errors, enormous ones are reduced."""

from __future__ import annotations

from io import BytesIO

import numpy as np
import pytest
from PIL import Image
from skimage import data

import autocull.read.decoders.jpeg as jpeg_module
from autocull.read.decoded_image import DecodedImage
from autocull.read.decoders.buffer import DecodeBuffer
from autocull.read.decoders.errors import UnreadableError
from autocull.read.decoders.jpeg import SPARE_ROWS, decode_jpeg, read_jpeg_header
from autocull.read.photo import Pixels
from support.icc_profiles import ADOBE_RGB, rgb_profile
from support.raw_files import jpeg_of


@pytest.fixture(scope="module")
def astronaut() -> Pixels:
    """Return a real photo, 512 x 512."""
    return np.asarray(data.astronaut())


@pytest.fixture(scope="module")
def baseline_jpeg(astronaut: Pixels) -> bytes:
    """Return it as a baseline JPEG."""
    return jpeg_of(astronaut)


def test_pixels_match_pillow(baseline_jpeg: bytes) -> None:
    """Decoding into the buffer gives what Pillow gives."""
    picture = decode_jpeg(baseline_jpeg, DecodeBuffer())
    expected = np.asarray(Image.open(BytesIO(baseline_jpeg)))
    assert np.abs(np.asarray(picture.image.convert("RGB")).astype(int) - expected).max() <= 2
    assert picture.remarks == ()
    assert picture.profile is None


def test_buffer_is_reused(baseline_jpeg: bytes, astronaut: Pixels) -> None:
    """The second photo overwrites the first in the buffer, which does not grow."""
    buffer = DecodeBuffer()
    first = decode_jpeg(baseline_jpeg, buffer)
    size = buffer.size
    decode_jpeg(jpeg_of(255 - astronaut), buffer)
    assert buffer.size == size == (512 + SPARE_ROWS) * 512 * 4
    shown = np.asarray(first.image.convert("RGB")).astype(int)
    assert np.abs(shown - (255 - astronaut)).mean() < 5


@pytest.mark.parametrize("size", [(4000, 3000), (4801, 3203), (6000, 4000), (8191, 5461)])
@pytest.mark.parametrize("channels", [1, 3])
def test_row_subsampling_keeps_the_working_picture(size: tuple[int, int], channels: int) -> None:
    """Skipping rows gives nearly the same picture as averaging every pixel."""
    scene = Image.fromarray(data.astronaut()).resize(size, Image.Resampling.BILINEAR)
    pixels = np.asarray(scene if channels == 3 else scene.convert("L"))
    picture = decode_jpeg(jpeg_of(pixels), DecodeBuffer())
    working = picture.render_working()
    whole = DecodedImage(picture.image.copy()).render_working()
    assert working.shape == whole.shape
    off = np.abs(working.astype(int) - whole)
    assert off.mean() < 1.0
    assert off[-1].mean() < 4.0, "the last row is made of rows that are there"


def test_buffer_grows_and_is_kept() -> None:
    """The buffer has the requested size at least, and never shrinks."""
    buffer = DecodeBuffer()
    assert buffer.size == 0
    assert buffer.allocate(100).shape == (100,)
    assert buffer.allocate(40).shape == (40,)
    assert buffer.size == 100
    assert buffer.allocate(300).shape == (300,)


def test_grey_jpeg_takes_one_byte_per_pixel() -> None:
    """A grey JPEG stays grey in memory."""
    buffer = DecodeBuffer()
    picture = decode_jpeg(jpeg_of(data.camera()), buffer)
    assert picture.image.mode == "L"
    assert buffer.size == (512 + SPARE_ROWS) * 512
    assert np.abs(np.asarray(picture.image).astype(int) - data.camera()).mean() < 3


def test_cmyk_is_decoded_by_pillow(astronaut: Pixels) -> None:
    """CMYK is read, and has the colours of the photo."""
    file = BytesIO()
    Image.fromarray(astronaut).convert("CMYK").save(file, "JPEG", quality=95)
    picture = decode_jpeg(file.getvalue(), DecodeBuffer())
    assert picture.image.mode == "CMYK"
    assert np.abs(picture.render_working().astype(int) - astronaut).mean() < 4


def test_header(baseline_jpeg: bytes, astronaut: Pixels) -> None:
    """Size, channels and kind of compression are read before any pixel."""
    header = read_jpeg_header(baseline_jpeg)
    assert (header.width, header.height, header.channels, header.progressive) == (512, 512, 3, False)
    assert read_jpeg_header(jpeg_of(astronaut[:100], progressive=True)).progressive
    assert read_jpeg_header(jpeg_of(data.coins())).channels == 1


@pytest.mark.parametrize("cut", [0, 1, 2, 3, 5, 20, 160])
def test_header_of_a_truncated_file_is_empty(baseline_jpeg: bytes, cut: int) -> None:
    """Without a frame header the sizes are 0, without an error."""
    assert read_jpeg_header(baseline_jpeg[:cut]).width == 0


def test_long_profiles_are_joined(astronaut: Pixels) -> None:
    """A profile of more than 64 KB is spread over several segments, in any order."""
    profile = rgb_profile(ADOBE_RGB, 2.2) + bytes(100_000)
    jpeg = jpeg_of(astronaut, icc_profile=profile)
    assert read_jpeg_header(jpeg).profile == profile
    picture = decode_jpeg(jpeg, DecodeBuffer())
    assert picture.profile == profile
    assert picture.image.getpixel((0, 0))[:3] != picture.render_working()[0, 0].tolist()


def test_corrupt_profile_is_ignored_with_a_remark(astronaut: Pixels) -> None:
    """The photo is read as sRGB, with the remark `profile_ignored`."""
    picture = decode_jpeg(jpeg_of(astronaut, icc_profile=b"rubbish" * 20), DecodeBuffer())
    assert picture.profile is None
    assert picture.remarks == ("profile_ignored",)


@pytest.mark.parametrize("part", [0.02, 0.3, 0.7, 0.99])
@pytest.mark.parametrize("progressive", [False, True])
def test_truncated_picture_is_damaged(astronaut: Pixels, part: float, progressive: bool) -> None:
    """A file is refused wherever it is cut: its grey rest must never be judged."""
    jpeg = jpeg_of(astronaut, progressive=progressive)
    with pytest.raises(UnreadableError) as caught:
        decode_jpeg(jpeg[: int(len(jpeg) * part)], DecodeBuffer())
    assert caught.value.code == "damaged"


@pytest.mark.parametrize("progressive", [False, True])
@pytest.mark.parametrize("tail", [b"", b"\0\0", b"SEFT"])
def test_complete_picture_without_an_end_marker_is_read(
    astronaut: Pixels, tail: bytes, progressive: bool
) -> None:
    """Some programs forget it: no row is missing, and the photo has a remark."""
    jpeg = jpeg_of(astronaut, progressive=progressive)
    whole = decode_jpeg(jpeg, DecodeBuffer()).render_working()
    picture = decode_jpeg(jpeg[:-2] + tail, DecodeBuffer())
    assert picture.remarks == ("maybe_damaged",)
    assert np.array_equal(picture.render_working(), whole)


@pytest.mark.parametrize("mode", ["RGB", "L", "CMYK"])
def test_zero_filled_tail_is_damaged(astronaut: Pixels, mode: str) -> None:
    """An interrupted copy of the right size with zeros at its end is refused by both decoders."""
    file = BytesIO()
    Image.fromarray(astronaut).convert(mode).save(file, "JPEG", quality=92, subsampling=0)
    jpeg = file.getvalue()
    half = len(jpeg) // 2
    with pytest.raises(UnreadableError) as caught:
        decode_jpeg(jpeg[:half] + bytes(len(jpeg) - half), DecodeBuffer())
    assert caught.value.code == "damaged"


def test_garbage_between_segments_has_a_remark(baseline_jpeg: bytes, astronaut: Pixels) -> None:
    """Bytes between the segments are skipped, with a remark; the picture is complete."""
    picture = decode_jpeg(baseline_jpeg[:20] + b"\x00\x01\xff\xff\x00" + baseline_jpeg[20:], DecodeBuffer())
    assert picture.remarks == ("maybe_damaged",)
    assert np.abs(picture.render_working().astype(int) - astronaut).mean() < 3


@pytest.mark.parametrize(("limit", "side"), [(512 * 512, 512), (512 * 511, 256), (20_000, 128), (3_000, 64)])
def test_enormous_pictures_are_reduced(
    baseline_jpeg: bytes, monkeypatch: pytest.MonkeyPatch, limit: int, side: int
) -> None:
    """Above the limit the decoder reduces to a half, a quarter or an eighth, with a remark."""
    monkeypatch.setattr(jpeg_module, "FULL_PIXELS", limit)
    buffer = DecodeBuffer()
    picture = decode_jpeg(baseline_jpeg, buffer)
    assert picture.size == (side, side)
    assert buffer.size == (side + SPARE_ROWS) * side * 4
    assert picture.remarks == (() if side == 512 else ("scaled_down",))


def test_enormous_cmyk_is_reduced(astronaut: Pixels, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pillow's decoder obeys the same limit."""
    file = BytesIO()
    Image.fromarray(astronaut).convert("CMYK").save(file, "JPEG")
    monkeypatch.setattr(jpeg_module, "FULL_PIXELS", 100_000)
    picture = decode_jpeg(file.getvalue(), DecodeBuffer())
    assert picture.size == (256, 256)
    assert picture.remarks == ("scaled_down",)


def test_header_with_a_false_size_is_damaged(baseline_jpeg: bytes) -> None:
    """A small file with an enormous size in its header is refused before memory is allocated."""
    at = baseline_jpeg.index(b"\xff\xc0")
    content = baseline_jpeg[: at + 5] + b"\x40\x00\x40\x00" + baseline_jpeg[at + 9 :]
    buffer = DecodeBuffer()
    with pytest.raises(UnreadableError) as caught:
        decode_jpeg(content, buffer)
    assert caught.value.code == "damaged"
    assert "268 million pixels" in str(caught.value)
    assert buffer.size == 0
