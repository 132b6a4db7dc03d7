"""Tests of Photoshop files: depths, modes, compressions, metadata, damage."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms
from skimage import data

import autocull.read.decoders.errors as errors_module
from autocull.read import read_photo
from autocull.read.decoders.errors import UnreadableError
from autocull.read.decoders.pillow import decode_picture
from support.icc_profiles import ADOBE_RGB, rgb_profile

PICTURE = np.asarray(data.astronaut())[:90, :121]
RGB, GREY, CMYK, LAB = 3, 1, 4, 9
RAW, RLE, ZIP, ZIP_PREDICTED = range(4)


def write_psd(
    planes: np.ndarray,
    mode: int = RGB,
    *,
    compression: int = RAW,
    resources: Mapping[int, bytes] | None = None,
    version: int = 1,
) -> bytes:
    """Make a Photoshop file of planes `(n, h, w)` in big-endian numbers, with a layer section."""
    channels, height, width = planes.shape
    depth = planes.dtype.itemsize * 8
    head = struct.pack(">4sH6xHIIHH", b"8BPS", version, channels, height, width, depth, mode)
    blocks = b"".join(
        struct.pack(">4sHHI", b"8BIM", number, 0, len(block)) + block + bytes(len(block) % 2)
        for number, block in (resources or {}).items()
    )
    layers = b"layers" * 3
    sections = struct.pack(">II", 0, len(blocks)) + blocks + struct.pack(">I", len(layers)) + layers
    return head + sections + struct.pack(">H", compression) + _pack(planes, compression)


def _pack(planes: np.ndarray, compression: int) -> bytes:
    rows = [row.tobytes() for plane in planes for row in plane]
    if compression == RAW:
        return b"".join(rows)
    if compression == RLE:
        packed = [_pack_bits(row) for row in rows]
        return np.array([len(row) for row in packed], ">u2").tobytes() + b"".join(packed)
    if compression == ZIP_PREDICTED:
        rows = [_subtract(row) for plane in planes for row in plane]
    return zlib.compress(b"".join(rows))


def _subtract(row: np.ndarray) -> bytes:
    """Return the differences between neighbours; of 32 bits those of separated bytes."""
    if row.dtype.itemsize == 2:
        return np.diff(row.astype(np.uint16), prepend=np.uint16(0)).astype(">u2").tobytes()
    separated = np.frombuffer(row.tobytes(), np.uint8).reshape(-1, 4).T.ravel()
    return np.diff(separated, prepend=np.uint8(0)).tobytes()


def _pack_bits(row: bytes) -> bytes:
    """Pack runs of equal bytes, and the others as they are; with the code that does nothing."""
    packed, position = bytearray([128]), 0
    while position < len(row):
        run = 1
        while run < 128 and row[position : position + 1] * (run + 1) == row[position : position + run + 1]:
            run += 1
        if run > 1:
            packed += bytes([257 - run, row[position]])
            position += run
        else:
            literal = row[position : position + 100]
            packed += bytes([len(literal) - 1]) + literal
            position += len(literal)
    return bytes(packed)


def decoded(content: bytes) -> Image.Image:
    """Decode a file's content, without colour management."""
    return decode_picture("psd", BytesIO(content), len(content))[0].image


def sixteen_bits(pixels: np.ndarray) -> np.ndarray:
    """Return pixels `(h, w, n)` as planes of 16 bits."""
    return (pixels.astype(np.uint16) * 257).transpose(2, 0, 1).astype(">u2")


@pytest.mark.parametrize("compression", [RAW, RLE, ZIP, ZIP_PREDICTED])
@pytest.mark.parametrize("extra", [0, 1])
def test_sixteen_bits_have_the_right_pixels(compression: int, extra: int) -> None:
    """In every compression; further channels (masks, transparency) are passed over."""
    pixels = np.dstack([PICTURE, *[PICTURE[..., :1] // 3] * extra])
    image = decoded(write_psd(sixteen_bits(pixels), compression=compression))
    assert image.mode == "RGB"
    assert np.array_equal(np.asarray(image), PICTURE)


@pytest.mark.parametrize("compression", [RAW, RLE, ZIP, ZIP_PREDICTED])
@pytest.mark.parametrize("channels", [1, 3])
def test_thirty_two_bits_have_the_right_pixels(compression: int, channels: int) -> None:
    """Numbers of 0 to 1 in grey or colour."""
    planes = (PICTURE[..., :channels] / 255).transpose(2, 0, 1).astype(">f4")
    image = decoded(write_psd(planes, RGB if channels == 3 else GREY, compression=compression))
    expected = PICTURE if channels == 3 else PICTURE[..., 0]
    assert np.abs(np.asarray(image, int) - expected).max() <= 1


def test_grey_of_sixteen_bits() -> None:
    """It stays one channel."""
    image = decoded(write_psd(sixteen_bits(PICTURE[..., :1]), GREY, compression=RLE))
    assert image.mode == "L"
    assert np.array_equal(np.asarray(image), PICTURE[..., 0])


def test_cmyk_of_sixteen_bits() -> None:
    """It stores what the ink leaves of the paper."""
    cmyk = np.asarray(Image.fromarray(PICTURE).convert("CMYK"))
    image = decoded(write_psd(sixteen_bits(255 - cmyk), CMYK))
    assert image.mode == "CMYK"
    assert np.array_equal(np.asarray(image), cmyk)


def test_lab_of_sixteen_bits_is_that_of_eight() -> None:
    """Its colours are those of the same file with 8 bits, which Pillow reads."""
    profiles = ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB")
    lab = ImageCms.profileToProfile(Image.fromarray(PICTURE), *profiles, outputMode="LAB")
    assert lab is not None
    stored = np.asarray(lab) ^ np.uint8([0, 128, 128])  # a and b have an offset of 128
    shallow = decoded(write_psd(stored.transpose(2, 0, 1), LAB))
    deep = decoded(write_psd(sixteen_bits(stored), LAB))
    assert np.array_equal(np.asarray(deep), np.asarray(shallow))
    assert np.abs(np.asarray(deep, int) - PICTURE).mean() < 4


def test_profile_and_exif_are_read(tmp_path: Path) -> None:
    """The colour profile, and camera and time, of 8 bits as of 16."""
    exif = Image.Exif()
    exif[0x010F], exif[0x0110] = "Nikon", "Z 8"
    exif.get_ifd(0x8769)[0x9003] = "2026:05:01 10:00:05"
    profile = rgb_profile(ADOBE_RGB, 2.2)
    resources = {1039: profile, 1058: exif.tobytes().removeprefix(b"Exif\0\0")}
    for number, planes in enumerate((sixteen_bits(PICTURE), PICTURE.transpose(2, 0, 1))):
        content = write_psd(planes, resources=resources)
        assert decode_picture("psd", BytesIO(content), len(content))[0].profile == profile
        path = tmp_path / f"{number}.psd"
        path.write_bytes(content)
        photo = read_photo(path)
        assert (photo.kind, photo.width, photo.height) == ("psd", 121, 90)
        assert photo.capture.camera is not None
        assert "Z 8" in photo.capture.camera
        assert photo.capture.taken == "2026-05-01T10:00:05"


@pytest.mark.parametrize("dtype", [">u1", ">u2"])
def test_file_of_layers_only_is_unsupported(dtype: str) -> None:
    """Its merged picture is a white page: the message has how to save the file."""
    planes = np.full((3, 20, 30), 255, dtype)
    with pytest.raises(UnreadableError, match="Maximize Compatibility") as caught:
        decoded(write_psd(planes, resources={1057: struct.pack(">IB", 1, 0) + bytes(20)}))
    assert caught.value.code == "unsupported"
    assert decoded(write_psd(planes, resources={1057: struct.pack(">IB", 1, 1) + bytes(20)})).size == (30, 20)


@pytest.mark.parametrize("mode", [2, 7, 5])
def test_unknown_mode_is_unsupported(mode: int) -> None:
    """The file is whole, so the photographer is not sent back to the card."""
    with pytest.raises(UnreadableError) as caught:
        decoded(write_psd(sixteen_bits(PICTURE), mode))
    assert caught.value.code == "unsupported"


@pytest.mark.parametrize("compression", [RAW, RLE, ZIP, ZIP_PREDICTED, 9])
@pytest.mark.parametrize("share", [0.0, 0.3, 0.9, 0.999])
def test_file_that_is_cut_off_is_damaged(compression: int, share: float) -> None:
    """Half a picture is an error, wherever the file ends."""
    content = write_psd(sixteen_bits(PICTURE), compression=min(compression, ZIP_PREDICTED))
    if compression > ZIP_PREDICTED:
        start = len(content) - len(_pack(sixteen_bits(PICTURE), ZIP_PREDICTED))
        content = content[: start - 2] + struct.pack(">H", compression) + content[start:]
    else:
        content = content[: 30 + int((len(content) - 30) * share)]
    with pytest.raises(UnreadableError) as caught:
        decoded(content)
    assert caught.value.code == "damaged"


def test_picture_that_takes_too_much_memory_is_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Numbers of 32 bits are counted as such."""
    monkeypatch.setattr(errors_module, "_MAX_DECODED_BYTES", 121 * 90 * 3 * 4 - 1)
    assert decoded(write_psd(sixteen_bits(PICTURE))).size == (121, 90)
    with pytest.raises(UnreadableError) as caught:
        decoded(write_psd((PICTURE / 255).transpose(2, 0, 1).astype(">f4")))
    assert caught.value.code == "too_large"
