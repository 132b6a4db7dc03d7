"""Fingerprints: metadata in a file do not change them, everything that is measured does."""

from __future__ import annotations

import os
import shutil
import struct
import subprocess
import zlib
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms, TiffImagePlugin

from autocull.read import Frame, fingerprint_frame, read_embedded_xmp
from autocull.read.fingerprint import _ADDERS, fingerprint_picture
from support.metadata_writers import PACKET, XMP, with_segments

PICTURE_SUFFIXES = ("jpg", "tif", "png", "webp")


def pixels(seed: int = 0) -> Image.Image:
    """Return a small picture with detail."""
    return Image.fromarray(np.random.default_rng(seed).integers(0, 255, (48, 64, 3), np.uint8))


def save(path: Path, picture: Image.Image | None = None, *, taken: str = "2026:05:01 10:00:00") -> Path:
    """Save a picture with EXIF in the format of the suffix."""
    exif = Image.Exif()
    exif[0x0132], exif[0x010F] = taken, "NIKON"
    exif.get_ifd(0x8769)[0x9003] = taken
    (picture or pixels()).save(path, exif=exif, quality=90)
    return path


def with_png_chunk(png: bytes, kind: bytes, content: bytes) -> bytes:
    """Return a PNG with one more chunk before its end."""
    chunk = struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
    return png[:-12] + chunk + png[-12:]


def ratings(path: Path) -> list[bytes]:
    """Return the packets in a file."""
    with path.open("rb") as file:
        return read_embedded_xmp(file, path.stat().st_size)


def test_marks_in_a_jpeg_do_not_change_it(tmp_path: Path) -> None:
    """Packets, captions and comments; the marks themselves are read from the file as it is now."""
    path = save(tmp_path / "a.jpg")
    original, jpeg = fingerprint_picture(path), path.read_bytes()
    assert original is not None
    for rating in (1, 5):
        caption, comment = b"Photoshop 3.0\0" + bytes(rating * 100), b"seen"
        path.write_bytes(with_segments(jpeg, (0xE1, XMP + PACKET % rating), (0xED, caption), (0xFE, comment)))
        assert fingerprint_picture(path) == original
        assert ratings(path) == [PACKET % rating]


def test_application_segments_of_a_jpeg_may_move(tmp_path: Path) -> None:
    """Programs write them in an order of their own."""
    path = tmp_path / "a.jpg"
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    stream = BytesIO()
    pixels().save(stream, "JPEG")
    icc = (0xE2, b"ICC_PROFILE\0\1\1" + profile)
    path.write_bytes(with_segments(stream.getvalue(), (0xE1, XMP + PACKET % 1), icc))
    first = fingerprint_picture(path)
    path.write_bytes(with_segments(stream.getvalue(), icc, (0xE1, XMP + PACKET % 2)))
    assert fingerprint_picture(path) == first
    path.write_bytes(with_segments(stream.getvalue(), (0xE1, XMP + PACKET % 2)))
    assert fingerprint_picture(path) != first


def test_large_jpeg_is_sampled(tmp_path: Path) -> None:
    """A small part of its file is read; a retouched spot, another length and another end change it."""
    path = tmp_path / "a.jpg"
    large = Image.fromarray(np.random.default_rng(2).integers(0, 255, (1500, 1500, 3), np.uint8))
    original = fingerprint_picture(save(path, large))
    jpeg = path.read_bytes()
    assert len(jpeg) > 2_000_000
    reads: list[int] = []
    fingerprints = {original}
    retouched = large.copy()
    retouched.paste((200, 20, 20), (700, 700, 760, 760))
    fingerprints.add(fingerprint_picture(save(path, retouched)))
    for changed in (jpeg + bytes(9), jpeg[:-2] + bytes(2), jpeg[:-900]):
        path.write_bytes(changed)
        fingerprints.add(fingerprint_picture(path))
    assert len(fingerprints) == 5
    path.write_bytes(jpeg)
    assert fingerprint_picture(path) == original
    with path.open("rb") as file:
        digest = CountingDigest(reads)
        _ADDERS["jpeg"](file, digest)  # type: ignore[arg-type]
    assert sum(reads) < len(jpeg) / 4


class CountingDigest:
    """A digest that only notes how many bytes are added."""

    def __init__(self, lengths: list[int]) -> None:
        self._lengths = lengths

    def update(self, content: bytes) -> None:
        """Note the length."""
        self._lengths.append(len(content))


@pytest.mark.parametrize("suffix", PICTURE_SUFFIXES)
def test_everything_that_is_measured_changes_it(tmp_path: Path, suffix: str) -> None:
    """Pixels, the time of capture, the orientation and the size."""
    path = tmp_path / f"a.{suffix}"
    fingerprints = [fingerprint_picture(save(path))]
    fingerprints.append(fingerprint_picture(save(path, pixels(1))))
    retouched = pixels()
    retouched.putpixel((40, 30), (255, 255, 255) if retouched.getpixel((40, 30)) != (255,) * 3 else (0, 0, 0))
    fingerprints.append(fingerprint_picture(save(path, retouched)))
    fingerprints.append(fingerprint_picture(save(path, taken="2026:05:01 11:00:00")))
    exif = Image.Exif()
    exif[0x0112] = 6
    pixels().save(path, exif=exif, quality=90)
    fingerprints.append(fingerprint_picture(path))
    fingerprints.append(fingerprint_picture(save(path, pixels().resize((32, 24)))))
    assert None not in fingerprints
    assert len(set(fingerprints)) == len(fingerprints)


def test_marks_in_a_png_do_not_change_it(tmp_path: Path) -> None:
    """A chunk of text or time is added; one with colours counts."""
    path = save(tmp_path / "a.png")
    original, png = fingerprint_picture(path), path.read_bytes()
    packet = b"XML:com.adobe.xmp\0\0\0\0\0" + PACKET % 3
    for kind, content in ((b"iTXt", packet), (b"tIME", bytes(7)), (b"tEXt", b"a\0b")):
        path.write_bytes(with_png_chunk(png, kind, content))
        assert fingerprint_picture(path) == original
    assert fingerprint_picture(path) == original
    path.write_bytes(with_png_chunk(png, b"gAMA", bytes(4)))
    assert fingerprint_picture(path) != original


def test_marks_in_a_tiff_do_not_change_it(tmp_path: Path) -> None:
    """The packet is written before the pixels, which move; other rows of pixels count."""
    path = tmp_path / "a.tif"
    fingerprints = []
    for picture, packet in (
        (pixels(), PACKET % 1),
        (pixels(), PACKET % 5 + b" " * 999),
        (pixels(1), PACKET % 1),
    ):
        tags = TiffImagePlugin.ImageFileDirectory_v2()
        tags[700] = packet
        tags.tagtype[700] = 1
        picture.save(path, tiffinfo=tags, compression="tiff_lzw")
        fingerprints.append(fingerprint_picture(path))
    assert fingerprints[0] == fingerprints[1] != fingerprints[2]
    assert fingerprints[0] is not None


@pytest.mark.skipif(shutil.which("exiftool") is None, reason="needs exiftool")
@pytest.mark.parametrize("suffix", PICTURE_SUFFIXES)
def test_exiftool_does_not_change_it(tmp_path: Path, suffix: str) -> None:
    """Another writer, which orders everything anew; its orientation counts."""
    path = save(tmp_path / f"a.{suffix}")
    original, size = fingerprint_picture(path), path.stat().st_size

    def write(*changes: str) -> None:
        subprocess.run(["exiftool", "-q", "-overwrite_original", *changes, path], check=True)

    write("-XMP:Rating=3", "-XMP:Label=Red", "-EXIF:Rating=3", "-XMP-dc:Subject=a word")
    assert path.stat().st_size != size
    assert fingerprint_picture(path) == original
    write("-XMP:Rating=4")
    assert fingerprint_picture(path) == original
    write("-EXIF:Orientation#=6")
    assert fingerprint_picture(path) != original


def dng(rating: int, *, preview: bytes = b"preview", sensor: bytes = b"sensor" * 5000) -> bytes:
    """Return a DNG: a preview, its sensor data in a sub-directory, and a packet before both."""
    packet = PACKET % rating + b" " * (100 * rating)

    def directory(entries: list[tuple[int, int, int, bytes]], following: int = 0) -> bytes:
        rows = b"".join(struct.pack("<HHI4s", tag, kind, count, value) for tag, kind, count, value in entries)
        return struct.pack("<H", len(entries)) + rows + struct.pack("<I", following)

    def long(value: int) -> bytes:
        return struct.pack("<I", value)

    start = 8 + len(packet)
    at_sensor, at_sub = start + len(preview), start + len(preview) + len(sensor)
    sub = directory([
        (254, 4, 1, long(0)), (256, 4, 1, long(100)), (257, 4, 1, long(100)), (262, 3, 1, long(32803)),
        (273, 4, 1, long(at_sensor)), (279, 4, 1, long(len(sensor))),
    ])  # fmt: skip
    main = directory([
        (254, 4, 1, long(1)), (256, 4, 1, long(10)), (257, 4, 1, long(10)), (273, 4, 1, long(start)),
        (279, 4, 1, long(len(preview))), (330, 4, 1, long(at_sub)), (700, 1, len(packet), long(8)),
        (0xC612, 1, 4, bytes([1, 4, 0, 0])),
    ])  # fmt: skip
    return b"II*\0" + long(at_sub + len(sub)) + packet + preview + sensor + sub + main


def test_marks_in_a_dng_do_not_change_it(tmp_path: Path) -> None:
    """The preview counts as a whole, and the beginning, end and length of the sensor data."""
    path = tmp_path / "a.dng"

    def write(content: bytes) -> bytes | None:
        path.write_bytes(content)
        return fingerprint_picture(path)

    original = write(dng(1))
    assert original is not None
    assert write(dng(5)) == original
    others = [
        write(dng(1, preview=b"prevIew")), write(dng(1, sensor=b"sensor" * 5001)),
        write(dng(1, sensor=b"Sensor" + b"sensor" * 4999)),
        write(dng(1, sensor=b"sensor" * 4999 + b"sensoR")),
    ]  # fmt: skip
    assert len({original, *others}) == 5


def psd(*resources: tuple[int, bytes], merged: bytes = b"\0\0picture", layers: bytes = b"layers") -> bytes:
    """Return a file with Photoshop's sections."""
    blocks = b"".join(
        b"8BIM" + struct.pack(">H", number) + b"\0\0" + struct.pack(">I", len(content)) + content
        + b"\0" * (len(content) % 2)
        for number, content in resources
    )  # fmt: skip
    header = b"8BPS\0\1" + bytes(6) + struct.pack(">HIIHH", 3, 2, 2, 8, 3)
    sections = (b"", blocks, layers)
    return header + b"".join(struct.pack(">I", len(part)) + part for part in sections) + merged


def test_marks_in_a_psd_do_not_change_it(tmp_path: Path) -> None:
    """The packet and captions do not count; profile, layers and the merged picture do."""
    path = tmp_path / "a.psd"

    def write(content: bytes) -> bytes | None:
        path.write_bytes(content)
        return fingerprint_picture(path)

    profile = (1039, b"profile")
    original = write(psd((1060, PACKET % 1), profile))
    assert original is not None
    assert write(psd((1028, b"caption"), profile, (1060, PACKET % 5))) == original
    others = [
        write(psd((1060, PACKET % 1))), write(psd(profile, merged=b"\0\0pictuRe")),
        write(psd(profile, layers=b"laYers")),
    ]  # fmt: skip
    assert len({original, *others}) == 4


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("gone.jpg", None),
        ("empty.jpg", b""),
        ("cut.jpg", b"\xff\xd8\xff\xe1\0\x10Exif"),
        ("text.jpg", b"<html>"),
        ("raw.nef", dng(1).replace(struct.pack("<H", 0xC612), struct.pack("<H", 0xC613))),
        ("big.tif", b"II+\0\x08\0\0\0\x10\0\0\0\0\0\0\0" + bytes(40)),
        ("cut.psd", psd()[:30]),
        ("cut.png", b"\x89PNG\r\n\x1a\n\0\0\0\xffIHDR"),
    ],
)
def test_other_files_have_none(tmp_path: Path, name: str, content: bytes | None) -> None:
    """Those that cannot be parsed, and formats into which no host writes: their time and size count."""
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    assert fingerprint_picture(path) is None
    assert fingerprint_frame(Frame(path)) is None


def test_frame_counts_each_file(tmp_path: Path) -> None:
    """The JPEG of a RAW file may be rewritten; the RAW file counts with its size and time."""
    raw, jpeg = tmp_path / "a.nef", save(tmp_path / "a.jpg")
    raw.write_bytes(b"raw data")
    frame = Frame(raw, (jpeg,))
    original = fingerprint_frame(frame)
    assert original is not None
    jpeg.write_bytes(with_segments(jpeg.read_bytes(), (0xE1, XMP + PACKET % 2)))
    assert fingerprint_frame(frame) == original
    os.utime(raw, (1, 1))
    changed = fingerprint_frame(frame)
    assert changed != original
    save(jpeg, pixels(3))
    assert fingerprint_frame(frame) not in (original, changed, None)
    jpeg.unlink()
    assert fingerprint_frame(frame) is None


def test_no_pixel_is_decoded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A picture whose pixels cannot be decoded has a fingerprint all the same."""

    def fail(*_: object, **__: object) -> Callable[..., object]:
        pytest.fail("a picture was opened")

    path = save(tmp_path / "a.jpg")
    original = fingerprint_picture(path)
    monkeypatch.setattr(Image, "open", fail)
    assert fingerprint_picture(path) == original
