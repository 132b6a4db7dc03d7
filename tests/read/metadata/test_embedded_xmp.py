"""Packets inside photos: found in every format, absent without an error, damaged with one."""

from __future__ import annotations

import struct
import zlib
from io import BytesIO

import numpy as np
import pillow_heif
import pytest
from PIL import Image

from autocull.read.metadata.embedded_xmp import read_embedded_xmp
from support.raw_files import Tag, TiffWriter, box, cr3_file, jpeg_of, raf_file

PACKET = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><a/></x:xmpmeta>'
PIXELS = np.full((16, 16, 3), 90, np.uint8)
JPEG = jpeg_of(PIXELS)
ASCII, BYTE, UNDEFINED = 2, 1, 7


def saved(image_format: str, **options: object) -> bytes:
    """Save a picture with the packet by Pillow."""
    file = BytesIO()
    Image.fromarray(PIXELS).save(file, image_format, **options)
    return file.getvalue()


def jpeg_with_xmp() -> bytes:
    """Make a JPEG with the packet in APP1, after padding."""
    content = b"http://ns.adobe.com/xap/1.0/\0" + PACKET
    return JPEG[:2] + b"\xff\xff\xe1" + (len(content) + 2).to_bytes(2) + content + JPEG[2:]


def png_with_xmp(*, compressed: bool) -> bytes:
    """Make a PNG with the packet in an iTXt chunk."""
    text = zlib.compress(PACKET) if compressed else PACKET
    content = b"XML:com.adobe.xmp\0" + bytes([compressed, 0]) + b"\0\0" + text
    chunk = struct.pack(">I", len(content)) + b"iTXt" + content + bytes(4)
    png = saved("PNG")
    return png[:33] + chunk + png[33:]


def tiff_with_xmp(kind: int) -> bytes:
    """Make the front of a TIFF with the packet in tag 700."""
    writer = TiffWriter()
    return writer.finish(writer.directory([Tag(700, kind, PACKET.decode() if kind == ASCII else PACKET)]))


def psd_with_xmp() -> bytes:
    """Make the front of a PSD with the packet as an image resource, after another one."""
    other = b"8BIM\x03\xed\0\0" + struct.pack(">I", 2) + b"ab"
    resource = b"8BIM\x04\x24\0\0" + struct.pack(">I", len(PACKET)) + PACKET
    return (
        b"8BPS\0\1".ljust(26, b"\0") + bytes(4) + struct.pack(">I", len(other + resource)) + other + resource
    )


def heic_with_xmp() -> bytes:
    """Make a HEIC with the packet as a metadata item."""
    file = BytesIO()
    heif = pillow_heif.from_pillow(Image.fromarray(PIXELS))
    heif.info["xmp"] = PACKET
    heif.save(file)
    return file.getvalue()


CR3_BOX = box(b"uuid", bytes.fromhex("be7acfcb97a942e89c71999491e3afac") + PACKET)


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(jpeg_with_xmp(), id="jpeg"),
        pytest.param(raf_file(jpeg_with_xmp()), id="raf"),
        pytest.param(tiff_with_xmp(BYTE), id="tiff"),
        pytest.param(png_with_xmp(compressed=False), id="png"),
        pytest.param(png_with_xmp(compressed=True), id="png, compressed"),
        pytest.param(saved("WEBP", xmp=PACKET), id="webp"),
        pytest.param(psd_with_xmp(), id="psd"),
        pytest.param(heic_with_xmp(), id="heic"),
        pytest.param(cr3_file(JPEG) + CR3_BOX, id="cr3"),
    ],
)
def test_packet_is_found_in_every_format(content: bytes) -> None:
    """The bytes are those that were stored."""
    packets = read_embedded_xmp(BytesIO(content), len(content))
    assert [packet.strip(b"\0") for packet in packets] == [PACKET]


@pytest.mark.parametrize(
    "content",
    [
        JPEG,
        saved("PNG"),
        saved("WEBP"),
        saved("TIFF"),
        cr3_file(JPEG),
        raf_file(JPEG),
        b"",
        b"text",
        b"8BPS\0\1",
    ],
    ids=["jpeg", "png", "webp", "tiff", "cr3", "raf", "empty", "text", "short psd"],
)
def test_photo_without_a_packet_has_none(content: bytes) -> None:
    """No error for what is missing, nor for what is no photo."""
    assert read_embedded_xmp(BytesIO(content), len(content)) == []


@pytest.mark.parametrize(
    "content",
    [
        saved("WEBP", xmp=PACKET)[:-20],
        png_with_xmp(compressed=True).replace(zlib.compress(PACKET)[:8], bytes(8)),
    ],
    ids=["cut off", "damaged"],
)
def test_packet_that_cannot_be_read_is_an_error(content: bytes) -> None:
    """It may hold marks."""
    with pytest.raises(ValueError, match="packet"):
        read_embedded_xmp(BytesIO(content), len(content))


def test_every_beginning_of_a_photo_ends_without_another_error() -> None:
    """A copy that was cut off anywhere gives packets, none, or a ValueError."""
    for content in (jpeg_with_xmp(), png_with_xmp(compressed=True), psd_with_xmp(), tiff_with_xmp(BYTE)):
        for end in range(0, len(content), 7):
            try:
                read_embedded_xmp(BytesIO(content[:end]), end)
            except ValueError:
                continue
