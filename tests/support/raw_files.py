"""Builders of RAW files in memory: NEF-like, DNG, CR3-like and RAF-like."""

from __future__ import annotations

import struct
from io import BytesIO
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from autocull.read.photo import Pixels

BYTE, ASCII, SHORT, LONG, RATIONAL, SRATIONAL = 1, 2, 3, 4, 5, 10
_LETTERS = {BYTE: "B", SHORT: "H", LONG: "I", RATIONAL: "I", SRATIONAL: "i"}
TAKEN = "2024:05:06 07:08:09"


class Tag(NamedTuple):
    """One entry of a TIFF directory: numbers, or text for ASCII; rationals as consecutive pairs."""

    number: int
    kind: int
    values: tuple[int, ...] | str


class TiffWriter:
    """A little-endian TIFF, written from the front: contents first, directories last."""

    def __init__(self, magic: bytes = b"II*\0") -> None:
        self._bytes = bytearray(magic + bytes(4))

    def add(self, content: bytes) -> int:
        """Append bytes and return their offset."""
        self._bytes += bytes(len(self._bytes) % 2)
        offset = len(self._bytes)
        self._bytes += content
        return offset

    def directory(self, tags: list[Tag], after: int = 0) -> int:
        """Append a directory and return its offset; `after` is the offset of the one that follows it."""
        entries = b""
        for tag in sorted(tags):
            packed = _pack(tag)
            count = len(packed) // {BYTE: 1, ASCII: 1, SHORT: 2, LONG: 4}.get(tag.kind, 8)
            field = packed.ljust(4, b"\0") if len(packed) <= 4 else struct.pack("<I", self.add(packed))
            entries += struct.pack("<HHI", tag.number, tag.kind, count) + field
        return self.add(struct.pack("<H", len(tags)) + entries + struct.pack("<I", after))

    def finish(self, first: int) -> bytes:
        """Return the file whose first directory is at an offset."""
        self._bytes[4:8] = struct.pack("<I", first)
        return bytes(self._bytes)


def _pack(tag: Tag) -> bytes:
    if isinstance(tag.values, str):
        return tag.values.encode("latin-1") + b"\0"
    return struct.pack(f"<{len(tag.values)}{_LETTERS[tag.kind]}", *tag.values)


def jpeg_of(pixels: Pixels, *, exif: Image.Exif | None = None, **options: object) -> bytes:
    """Encode an sRGB picture as JPEG (quality 92, no subsampling), optionally with EXIF."""
    file = BytesIO()
    exif_option = {} if exif is None else {"exif": exif}
    Image.fromarray(pixels).save(file, "JPEG", **{"quality": 92, "subsampling": 0, **exif_option, **options})
    return file.getvalue()


def mosaic_of(pixels: Pixels) -> NDArray[np.uint16]:
    """Return the sensor data of an sRGB picture: linear, 14 bits, red-green over green-blue."""
    linear = ((pixels / 255.0) ** 2.2 * 15000 + 300).astype(np.uint16)
    sensor = linear[..., 1].copy()
    sensor[0::2, 0::2] = linear[0::2, 0::2, 0]
    sensor[1::2, 1::2] = linear[1::2, 1::2, 2]
    return sensor


def raw_file(
    stored: Pixels,
    *,
    orientation: int = 1,
    preview: bytes | None = None,
    dng: bool = False,
    taken: str | None = TAKEN,
    sensor: NDArray[np.uint16] | None = None,
) -> bytes:
    """Make a NEF-like file (or a DNG) of a picture as stored by the sensor; `preview` is a JPEG."""
    writer = TiffWriter()
    mosaic = mosaic_of(stored) if sensor is None else sensor
    subdirectories = [writer.directory(_sensor_tags(mosaic, writer.add(mosaic.astype("<u2").tobytes())))]
    if preview is not None:
        subdirectories.insert(0, writer.directory(_preview_tags(preview, writer.add(preview))))
    tags = _thumbnail_tags(writer, orientation, dng=dng)
    tags.append(Tag(330, LONG, tuple(subdirectories)))
    tags.append(Tag(34665, LONG, (writer.directory(exif_tags(taken)),)))
    if dng:
        tags += _dng_tags()
    return writer.finish(writer.directory(tags))


def exif_tags(taken: str | None) -> list[Tag]:
    """Return the EXIF directory of the synthetic cameras: 1/250 s, f/2.8, ISO 400, -0.33 EV, 50 mm."""
    tags = [
        Tag(33434, RATIONAL, (1, 250)),
        Tag(33437, RATIONAL, (28, 10)),
        Tag(34855, SHORT, (400,)),
        Tag(37380, SRATIONAL, (-1, 3)),
        Tag(37386, RATIONAL, (50, 1)),
        Tag(42033, ASCII, "20240042"),
        Tag(42036, ASCII, "50mm f/1.8"),
    ]
    if taken is not None:
        tags += [Tag(36867, ASCII, taken), Tag(37521, ASCII, "42"), Tag(36881, ASCII, "+02:00")]
    return tags


def _thumbnail_tags(writer: TiffWriter, orientation: int, *, dng: bool) -> list[Tag]:
    thumbnail = np.full((16, 24, 3), 90, np.uint8).tobytes()
    make, model = ("ACME", "TestCam 1") if dng else ("NIKON CORPORATION", "NIKON D7100")
    return [
        *_layout(24, 16, 2, (8, 8, 8)),
        Tag(254, LONG, (1,)),
        Tag(271, ASCII, make),
        Tag(272, ASCII, model),
        Tag(273, LONG, (writer.add(thumbnail),)),
        Tag(274, SHORT, (orientation,)),
        Tag(278, LONG, (16,)),
        Tag(279, LONG, (len(thumbnail),)),
    ]


def _layout(
    width: int, height: int, photometric: int, bits: tuple[int, ...], compression: int = 1
) -> list[Tag]:
    return [
        Tag(256, LONG, (width,)),
        Tag(257, LONG, (height,)),
        Tag(258, SHORT, bits),
        Tag(259, SHORT, (compression,)),
        Tag(262, SHORT, (photometric,)),
        Tag(277, SHORT, (len(bits),)),
        Tag(284, SHORT, (1,)),
    ]


def _sensor_tags(mosaic: NDArray[np.uint16], offset: int) -> list[Tag]:
    height, width = mosaic.shape
    return [
        *_layout(width, height, 32803, (16,)),
        Tag(254, LONG, (0,)),
        Tag(273, LONG, (offset,)),
        Tag(278, LONG, (height,)),
        Tag(279, LONG, (2 * mosaic.size,)),
        Tag(33421, SHORT, (2, 2)),
        Tag(33422, BYTE, (0, 1, 1, 2)),
        Tag(50714, SHORT, (255,)),
        Tag(50717, SHORT, (16383,)),
    ]


def _preview_tags(preview: bytes, offset: int) -> list[Tag]:
    with Image.open(BytesIO(preview)) as image:
        width, height = image.size
    return [
        *_layout(width, height, 6, (8, 8, 8), compression=6),
        Tag(254, LONG, (1,)),
        Tag(513, LONG, (offset,)),
        Tag(514, LONG, (len(preview),)),
    ]


def _dng_tags() -> list[Tag]:
    one = (10000, 10000)
    none = (0, 1)
    return [
        Tag(50706, BYTE, (1, 4, 0, 0)),
        Tag(50707, BYTE, (1, 1, 0, 0)),
        Tag(50708, ASCII, "ACME TestCam 1"),
        Tag(50721, SRATIONAL, (*one, *none, *none, *none, *one, *none, *none, *none, *one)),
        Tag(50728, RATIONAL, (1, 1, 1, 1, 1, 1)),
        Tag(50778, SHORT, (21,)),
    ]


def box(kind: bytes, content: bytes, *, wide: bool = False) -> bytes:
    """Make one ISO base media box; `wide` writes its length in eight bytes."""
    if wide:
        return struct.pack(">I4sQ", 1, kind, len(content) + 16) + content
    return struct.pack(">I4s", len(content) + 8, kind) + content


def cr3_file(preview: bytes, *, orientation: int = 1, wide: bool = False) -> bytes:
    """Make the front of a CR3 file: EXIF blocks and preview, no sensor data (LibRaw refuses it)."""
    first = TiffWriter()
    block1 = first.finish(first.directory([Tag(272, ASCII, "Canon EOS R6"), Tag(274, SHORT, (orientation,))]))
    second = TiffWriter()
    block2 = second.finish(second.directory(exif_tags(TAKEN)))
    exif_box = bytes.fromhex("85c0b687820f11e08111f4ce462b6a48") + box(b"CMT1", block1) + box(b"CMT2", block2)
    preview_box = box(b"PRVW", bytes(16) + preview)
    preview_box = bytes.fromhex("eaf42b5e1c984b88b9fbb7dc406e4d16") + bytes(8) + preview_box
    start = box(b"ftyp", b"crx \0\0\0\1crx isom")
    return (
        start
        + box(b"moov", box(b"uuid", exif_box), wide=wide)
        + box(b"uuid", preview_box)
        + box(b"mdat", bytes(64))
    )


def raf_file(preview: bytes) -> bytes:
    """Make the front of a Fujifilm RAF: a header with offset and length of the JPEG, and the JPEG."""
    head = b"FUJIFILMCCD-RAW 0201FF383501X-T1".ljust(84, b"\0")
    return head + struct.pack(">II", 160, len(preview)) + bytes(68) + preview
