"""XMP packets inside photos: JPEG, TIFF and RAW, CR3, RAF, PNG, WebP, PSD, HEIC.

Source: XMP specification, part 3.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from io import BytesIO
from typing import BinaryIO

from autocull.read.metadata.raw_containers import FUJI_MAGIC, ByteRange, fuji_jpeg, iter_boxes
from autocull.read.metadata.tiff import MAGICS, tag_range

_JPEG_XMP = b"http://ns.adobe.com/xap/1.0/\0"
_TIFF_XMP_TAG = 700
_XMP_UUID = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")
_PNG_MAGIC, _PNG_KEYWORD = b"\x89PNG\r\n\x1a\n", b"XML:com.adobe.xmp\0"
_PSD_XMP = b"8BIM\x04\x24"
_MAX_BYTES = 64 * 2**20
_MAX_CHUNKS = 10_000
_HEADER_BYTES = 1 << 20  # segments before a JPEG's pixels: EXIF with its preview, profile, packet


def read_embedded_xmp(file: BinaryIO, size: int) -> list[bytes]:
    """Return the XMP packets in an open photo of `size` bytes; [] if there are none.

    Raises ValueError (also of `zlib`) and OSError where a packet that the file declares cannot be read.
    """
    head = ByteRange(0, 16).read(file)
    try:
        return [packet for packet in _find_packets(head, file, size) if packet.strip(b"\0 \r\n\t")]
    except zlib.error as error:
        raise ValueError("a compressed packet is damaged") from error


def _find_packets(head: bytes, file: BinaryIO, size: int) -> Iterator[bytes]:
    if head.startswith(b"\xff\xd8"):
        return _in_jpeg(ByteRange(0, _HEADER_BYTES).read(file))
    if head.startswith(FUJI_MAGIC):
        return (
            packet
            for jpeg in fuji_jpeg(file)
            for packet in _in_jpeg(ByteRange(jpeg.start, _HEADER_BYTES).read(file))
        )
    if head[:4] in MAGICS:
        return _in_tiff(file)
    if head.startswith(_PNG_MAGIC):
        return _in_png(file)
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return _in_webp(file)
    if head.startswith(b"8BPS"):
        return _in_psd(file)
    return _in_boxes(file, size) if head[4:8] == b"ftyp" else iter(())


def _in_jpeg(jpeg: bytes) -> Iterator[bytes]:
    """Yield the packet of APP1; parts of an extended packet hold no marks."""
    offset = 2
    while offset + 4 <= len(jpeg) and jpeg[offset] == 0xFF:
        marker, length = jpeg[offset + 1], int.from_bytes(jpeg[offset + 2 : offset + 4])
        if marker == 0xFF:  # padding
            offset += 1
            continue
        if marker == 0xDA or length < 2:
            return
        if marker == 0xE1 and jpeg.startswith(_JPEG_XMP, offset + 4):
            yield jpeg[offset + 4 + len(_JPEG_XMP) : offset + 2 + length]
        offset += 2 + length


def _in_tiff(file: BinaryIO) -> Iterator[bytes]:
    span = tag_range(file, _TIFF_XMP_TAG)
    if span is not None:
        yield _read(file, ByteRange(*span))


def _in_png(file: BinaryIO) -> Iterator[bytes]:
    offset = 8
    for _ in range(_MAX_CHUNKS):
        head = ByteRange(offset, 8).read(file)
        if len(head) < 8 or head[4:] == b"IEND":
            return
        length = int.from_bytes(head[:4])
        if head[4:] == b"iTXt" and ByteRange(offset + 8, len(_PNG_KEYWORD)).read(file) == _PNG_KEYWORD:
            content = _read(file, ByteRange(offset + 8, length))[len(_PNG_KEYWORD) :]
            text = content[2:].split(b"\0", 2)[-1]  # flag and method, then language and translated keyword
            yield zlib.decompressobj().decompress(text, _MAX_BYTES) if content[:1] == b"\1" else text
        offset += 12 + length


def _in_webp(file: BinaryIO) -> Iterator[bytes]:
    offset = 12
    for _ in range(_MAX_CHUNKS):
        head = ByteRange(offset, 8).read(file)
        if len(head) < 8:
            return
        length = int.from_bytes(head[4:], "little")
        if head[:4] == b"XMP ":
            yield _read(file, ByteRange(offset + 8, length))
        offset += 8 + length + length % 2


def _in_psd(file: BinaryIO) -> Iterator[bytes]:
    """Yield the image resource 1060 of a Photoshop file; it follows the header and the colour mode data."""
    offset = 26 + 4 + int.from_bytes(ByteRange(26, 4).read(file))
    resources = ByteRange(offset + 4, min(int.from_bytes(ByteRange(offset, 4).read(file)), _MAX_BYTES)).read(
        file
    )
    start = resources.find(_PSD_XMP)
    if start >= 0:
        name_length = resources[start + 6] + 1
        content = start + 6 + name_length + name_length % 2
        length = int.from_bytes(resources[content : content + 4])
        yield resources[content + 4 : content + 4 + length]


def _in_boxes(file: BinaryIO, size: int) -> Iterator[bytes]:
    """Yield the packet of a CR3 file, which has a box of its own, and those of HEIC's metadata items."""
    boxes = list(iter_boxes(file, ByteRange(0, size)))
    for kind, span in boxes:
        if kind == b"uuid" and ByteRange(span.start, 16).read(file) == _XMP_UUID:
            yield _read(file, ByteRange(span.start + 16, span.size - 16))
    if any(kind == b"meta" for kind, _ in boxes):
        yield from _in_heic(file)


def _in_heic(file: BinaryIO) -> Iterator[bytes]:
    import pillow_heif  # slow to import

    file.seek(0)
    try:
        packet = pillow_heif.open_heif(BytesIO(file.read())).info.get("xmp")
    except (ValueError, SyntaxError, RuntimeError, EOFError) as error:
        raise ValueError("the file cannot be parsed") from error
    if isinstance(packet, bytes):
        yield packet


def _read(file: BinaryIO, span: ByteRange) -> bytes:
    content = span.read(file) if span.size <= _MAX_BYTES else b""
    if len(content) != span.size:
        raise ValueError("a packet is incomplete or too large")
    return content
