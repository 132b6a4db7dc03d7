"""JPEG: one decode into the arena, half pictures refused, enormous ones made smaller."""

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
def plain(astronaut: Pixels) -> bytes:
    """Return it as a baseline JPEG."""
    return jpeg_of(astronaut)


def test_pixels_are_those_of_another_decoder(plain: bytes) -> None:
    """The fast way gives what Pillow gives."""
    picture = decode_jpeg(plain, DecodeBuffer())
    expected = np.asarray(Image.open(BytesIO(plain)))
    assert np.abs(np.asarray(picture.image.convert("RGB")).astype(int) - expected).max() <= 2
    assert picture.remarks == ()
    assert picture.profile is None


def test_the_arena_is_reused(plain: bytes, astronaut: Pixels) -> None:
    """The pixels lie in the arena: it does not grow with the second photo, which overwrites the first."""
    arena = DecodeBuffer()
    first = decode_jpeg(plain, arena)
    held = arena.size
    decode_jpeg(jpeg_of(255 - astronaut), arena)
    assert arena.size == held == (512 + SPARE_ROWS) * 512 * 4
    shown = np.asarray(first.image.convert("RGB")).astype(int)
    assert np.abs(shown - (255 - astronaut)).mean() < 5


@pytest.mark.parametrize("size", [(4000, 3000), (4801, 3203), (6000, 4000), (8191, 5461)])
@pytest.mark.parametrize("channels", [1, 3])
def test_a_large_photos_working_picture_is_that_of_its_pixels(size: tuple[int, int], channels: int) -> None:
    """Stepping over rows shifts nothing and invents nothing: the same picture as by averaging every pixel."""
    scene = Image.fromarray(data.astronaut()).resize(size, Image.Resampling.BILINEAR)
    pixels = np.asarray(scene if channels == 3 else scene.convert("L"))
    picture = decode_jpeg(jpeg_of(pixels), DecodeBuffer())
    working = picture.render_working()
    whole = DecodedImage(picture.image.copy()).render_working()
    assert working.shape == whole.shape
    off = np.abs(working.astype(int) - whole)
    assert off.mean() < 1.0
    assert off[-1].mean() < 4.0, "the last row is made of rows that are there"


def test_the_arena_grows_for_larger_photos() -> None:
    """Room is given as asked, and a block is kept once it is there."""
    arena = DecodeBuffer()
    assert arena.size == 0
    assert arena.allocate(100).shape == (100,)
    assert arena.allocate(40).shape == (40,)
    assert arena.size == 100
    assert arena.allocate(300).shape == (300,)


def test_grey_takes_a_byte_per_pixel() -> None:
    """A grey JPEG stays grey in memory."""
    arena = DecodeBuffer()
    picture = decode_jpeg(jpeg_of(data.camera()), arena)
    assert picture.image.mode == "L"
    assert arena.size == (512 + SPARE_ROWS) * 512
    assert np.abs(np.asarray(picture.image).astype(int) - data.camera()).mean() < 3


def test_cmyk_goes_the_patient_way(astronaut: Pixels) -> None:
    """CMYK is read, and has the colours of the photo."""
    kept = BytesIO()
    Image.fromarray(astronaut).convert("CMYK").save(kept, "JPEG", quality=95)
    picture = decode_jpeg(kept.getvalue(), DecodeBuffer())
    assert picture.image.mode == "CMYK"
    assert np.abs(picture.render_working().astype(int) - astronaut).mean() < 4


def test_header(plain: bytes, astronaut: Pixels) -> None:
    """Size, channels and kind of compression are read before any pixel."""
    header = read_jpeg_header(plain)
    assert (header.width, header.height, header.channels, header.progressive) == (512, 512, 3, False)
    assert read_jpeg_header(jpeg_of(astronaut[:100], progressive=True)).progressive
    assert read_jpeg_header(jpeg_of(data.coins())).channels == 1


@pytest.mark.parametrize("cut", [0, 1, 2, 3, 5, 20, 160])
def test_header_of_a_stub(plain: bytes, cut: int) -> None:
    """A header that is not there is zeros, not an error."""
    assert read_jpeg_header(plain[:cut]).width == 0


def test_long_profiles_are_put_together(astronaut: Pixels) -> None:
    """A profile of more than 64 KB is spread over segments, which may come in any order."""
    profile = rgb_profile(ADOBE_RGB, 2.2) + bytes(100_000)
    jpeg = jpeg_of(astronaut, icc_profile=profile)
    assert read_jpeg_header(jpeg).profile == profile
    picture = decode_jpeg(jpeg, DecodeBuffer())
    assert picture.profile == profile
    assert picture.image.getpixel((0, 0))[:3] != picture.render_working()[0, 0].tolist()


def test_a_corrupt_profile_is_remarked(astronaut: Pixels) -> None:
    """The photo is read as sRGB, and the reader is told."""
    picture = decode_jpeg(jpeg_of(astronaut, icc_profile=b"rubbish" * 20), DecodeBuffer())
    assert picture.profile is None
    assert picture.remarks == ("profile_ignored",)


@pytest.mark.parametrize("part", [0.02, 0.3, 0.7, 0.99])
@pytest.mark.parametrize("progressive", [False, True])
def test_half_a_picture_is_damaged(astronaut: Pixels, part: float, progressive: bool) -> None:
    """A cut file is refused wherever it is cut: its grey rest must never be judged."""
    jpeg = jpeg_of(astronaut, progressive=progressive)
    with pytest.raises(UnreadableError) as caught:
        decode_jpeg(jpeg[: int(len(jpeg) * part)], DecodeBuffer())
    assert caught.value.code == "damaged"


@pytest.mark.parametrize("mode", ["RGB", "L", "CMYK"])
def test_a_zero_filled_tail_is_damaged(astronaut: Pixels, mode: str) -> None:
    """A failed copy that has the right size but zeros at its end is refused, whichever way it is decoded."""
    kept = BytesIO()
    Image.fromarray(astronaut).convert(mode).save(kept, "JPEG", quality=92, subsampling=0)
    jpeg = kept.getvalue()
    half = len(jpeg) // 2
    with pytest.raises(UnreadableError) as caught:
        decode_jpeg(jpeg[:half] + bytes(len(jpeg) - half), DecodeBuffer())
    assert caught.value.code == "damaged"


def test_rubbish_between_segments_is_remarked(plain: bytes, astronaut: Pixels) -> None:
    """Bytes between the segments are stepped over, with a remark; the picture is whole."""
    picture = decode_jpeg(plain[:20] + b"\x00\x01\xff\xff\x00" + plain[20:], DecodeBuffer())
    assert picture.remarks == ("maybe_damaged",)
    assert np.abs(picture.render_working().astype(int) - astronaut).mean() < 3


@pytest.mark.parametrize(("limit", "side"), [(512 * 512, 512), (512 * 511, 256), (20_000, 128), (3_000, 64)])
def test_enormous_pictures_are_made_smaller(
    plain: bytes, monkeypatch: pytest.MonkeyPatch, limit: int, side: int
) -> None:
    """Above the limit the decoding itself gives a half, a quarter or an eighth, with a remark."""
    monkeypatch.setattr(jpeg_module, "FULL_PIXELS", limit)
    arena = DecodeBuffer()
    picture = decode_jpeg(plain, arena)
    assert picture.size == (side, side)
    assert arena.size == (side + SPARE_ROWS) * side * 4
    assert picture.remarks == (() if side == 512 else ("scaled_down",))


def test_enormous_cmyk_is_made_smaller(astronaut: Pixels, monkeypatch: pytest.MonkeyPatch) -> None:
    """The patient way knows the same limit."""
    kept = BytesIO()
    Image.fromarray(astronaut).convert("CMYK").save(kept, "JPEG")
    monkeypatch.setattr(jpeg_module, "FULL_PIXELS", 100_000)
    picture = decode_jpeg(kept.getvalue(), DecodeBuffer())
    assert picture.size == (256, 256)
    assert picture.remarks == ("scaled_down",)


def test_a_header_that_lies_is_refused(plain: bytes) -> None:
    """A small file that says it is enormous is refused before memory is asked for."""
    at = plain.index(b"\xff\xc0")
    lying = plain[: at + 5] + b"\x40\x00\x40\x00" + plain[at + 9 :]
    arena = DecodeBuffer()
    with pytest.raises(UnreadableError) as caught:
        decode_jpeg(lying, arena)
    assert caught.value.code == "damaged"
    assert "268 million pixels" in str(caught.value)
    assert arena.size == 0
