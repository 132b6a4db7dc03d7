"""RAW files: preview first, the right orientation, sensor data if previews are small, no black pictures."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from skimage import data

import autocull.read.decoders.raw as raw_module
from autocull.read.decoded_image import DecodedImage
from autocull.read.decoders.buffer import DecodeBuffer
from autocull.read.decoders.errors import UnreadableError
from autocull.read.decoders.raw import decode_raw
from autocull.read.orientation import apply_orientation
from autocull.read.photo import Capture, Pixels
from support.raw_files import (
    LONG,
    SHORT,
    Tag,
    TiffWriter,
    cr3_file,
    exif_tags,
    jpeg_of,
    mosaic_of,
    raf_file,
    raw_file,
)

UNDONE = {1: 1, 2: 2, 3: 3, 4: 4, 5: 5, 6: 8, 7: 7, 8: 6}


@pytest.fixture(scope="module")
def portrait() -> Pixels:
    """Return a picture taken with the camera on its side, 480 x 720."""
    return np.asarray(Image.fromarray(data.astronaut()).crop((0, 0, 341, 512)).resize((480, 720)))


@pytest.fixture(scope="module")
def upright() -> Pixels:
    """Return an upright landscape picture, 720 x 480."""
    return np.asarray(Image.fromarray(data.astronaut()).crop((0, 0, 512, 341)).resize((720, 480)))


def stored_as(upright: Pixels, orientation: int) -> Pixels:
    """Return the picture as a camera in that orientation stores it."""
    return np.asarray(apply_orientation(Image.fromarray(upright), UNDONE[orientation]))


def read(tmp_path: Path, content: bytes, name: str = "a.NEF") -> tuple[DecodedImage, Capture]:
    """Write bytes and read them as a RAW file."""
    path = tmp_path / name
    path.write_bytes(content)
    with path.open("rb") as file:
        return decode_raw(path, file, len(content), DecodeBuffer())


def difference(picture: DecodedImage, expected: Pixels) -> float:
    """Return the mean difference in grey levels of the working picture."""
    shown = picture.render_working()
    assert shown.shape == expected.shape
    return float(np.abs(shown.astype(int) - expected).mean())


def exif_with(orientation: int | None) -> Image.Exif:
    """Make the EXIF of a preview, with an orientation or without."""
    exif = Image.Exif()
    exif[271] = "preview"
    if orientation is not None:
        exif[274] = orientation
    return exif


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("preview_exif", ["no EXIF", "nothing", "upright", "the same"])
def test_previews_are_turned_by_the_raws_orientation(
    tmp_path: Path, upright: Pixels, orientation: int, preview_exif: str
) -> None:
    """The picture is upright whatever the preview's own EXIF holds: the RAW file's orientation counts."""
    stored = stored_as(upright, orientation)
    exifs = {"upright": exif_with(1), "the same": exif_with(orientation), "nothing": exif_with(None)}
    preview = jpeg_of(stored, exif=exifs.get(preview_exif))
    picture, capture = read(tmp_path, raw_file(stored, orientation=orientation, preview=preview))
    assert difference(picture, upright) < 3
    assert picture.orientation == orientation
    assert picture.remarks == ()
    assert capture.camera == "NIKON D7100"


@pytest.mark.parametrize("orientation", [6, 8])
def test_upright_previews_are_not_turned(tmp_path: Path, upright: Pixels, orientation: int) -> None:
    """A preview whose long side differs from that of the unturned sensor was turned by the camera."""
    content = raw_file(stored_as(upright, orientation), orientation=orientation, preview=jpeg_of(upright))
    picture, _ = read(tmp_path, content)
    assert difference(picture, upright) < 3
    assert picture.orientation == 1


@pytest.mark.parametrize("orientation", [1, 3, 6])
@pytest.mark.parametrize("preview_width", [None, 300])
def test_sensor_is_developed_if_the_preview_is_small(
    tmp_path: Path, upright: Pixels, orientation: int, preview_width: int | None
) -> None:
    """Without a preview of 512 px, the sensor data are developed at half size, upright."""
    large = np.asarray(Image.fromarray(upright).resize((1440, 960)))
    small = None
    if preview_width:
        thumbnail = Image.fromarray(stored_as(upright, orientation))
        thumbnail.thumbnail((preview_width, preview_width))
        small = jpeg_of(np.asarray(thumbnail))
    stored = stored_as(large, orientation)
    picture, _ = read(tmp_path, raw_file(stored, orientation=orientation, preview=small, dng=True), "a.DNG")
    assert picture.size == (720, 480)
    assert picture.remarks == ()
    shown = picture.render_working().astype(float)
    assert np.corrcoef(shown[..., 1].ravel(), upright[..., 1].ravel())[0, 1] > 0.9


def test_exposure_is_not_corrected(tmp_path: Path, upright: Pixels) -> None:
    """A dark photo is developed dark: brightening it would hide the defect."""
    stored = np.asarray(Image.fromarray(upright).resize((1440, 960)))
    bright, _ = read(tmp_path, raw_file(stored, dng=True), "a.DNG")
    dark, _ = read(tmp_path, raw_file(stored // 4, dng=True), "b.DNG")
    assert dark.render_working().mean() < bright.render_working().mean() / 2


@pytest.mark.parametrize("kept", [0.4, 0.9])
def test_truncated_sensor_data_are_damaged(tmp_path: Path, upright: Pixels, kept: float) -> None:
    """LibRaw develops a truncated file without an error; its directories show that data are missing."""
    content = sensor_last(upright, keep=kept)
    with pytest.raises(UnreadableError) as caught:
        read(tmp_path, content, "a.DNG")
    assert caught.value.code == "damaged"
    assert read(tmp_path, sensor_last(upright, keep=1), "b.DNG")[0].size == (360, 240)


def sensor_last(upright: Pixels, keep: float) -> bytes:
    """Make a DNG with sensor data at its end, of which only a part is kept."""
    whole = bytearray(raw_file(upright, dng=True))
    mosaic = mosaic_of(upright).tobytes()
    entry = whole.index(b"\x11\x01\x04\x00\x01\0\0\0\x08\0\0\0")  # the strip at byte 8
    whole[entry + 8 : entry + 12] = len(whole).to_bytes(4, "little")
    return bytes(whole) + mosaic[: int(len(mosaic) * keep)]


def test_uniform_sensor_data_are_damaged(tmp_path: Path, upright: Pixels) -> None:
    """Sensor data that develop to a single value hold no photo: damaged, and not "too dark"."""
    flat = np.full((480, 720), 300, np.uint16)
    with pytest.raises(UnreadableError) as caught:
        read(tmp_path, raw_file(upright, sensor=flat, dng=True), "a.DNG")
    assert caught.value.code == "damaged"


def test_small_preview_is_the_last_resort(tmp_path: Path, upright: Pixels) -> None:
    """If the sensor data are unusable, a preview of at least 256 px is used, with a remark."""
    flat = np.full((480, 720), 300, np.uint16)
    small = np.asarray(Image.fromarray(upright).resize((300, 200)))
    picture, _ = read(tmp_path, raw_file(upright, sensor=flat, preview=jpeg_of(small)))
    assert picture.size == (300, 200)
    assert picture.remarks == ("low_resolution_preview",)
    tiny = jpeg_of(small[:100, :200])
    with pytest.raises(UnreadableError):
        read(tmp_path, raw_file(upright, sensor=flat, preview=tiny))


def test_low_resolution_preview_has_a_remark(tmp_path: Path, upright: Pixels) -> None:
    """A preview of 720 px of a sensor of 3000 px is used, but its focus is uncertain."""
    large = np.zeros((2000, 3000), np.uint16)
    picture, _ = read(tmp_path, raw_file(upright, sensor=large, preview=jpeg_of(upright)))
    assert picture.remarks == ("low_resolution_preview",)
    assert difference(picture, upright) < 3


def test_sensor_is_developed_if_the_preview_is_truncated(tmp_path: Path, upright: Pixels) -> None:
    """Half a preview is not used: the sensor data are complete."""
    preview = jpeg_of(upright)
    half = preview[: len(preview) // 2].ljust(len(preview), b"\0")
    picture, _ = read(tmp_path, raw_file(upright, preview=preview).replace(preview, half))
    assert picture.size == (360, 240)


def test_cr3_preview_is_found_without_libraw(tmp_path: Path, portrait: Pixels) -> None:
    """A CR3 that LibRaw refuses is read by its preview, turned, with its capture."""
    content = cr3_file(jpeg_of(stored_as(portrait, 6)), orientation=6)
    picture, capture = read(tmp_path, content, "a.CR3")
    assert difference(picture, portrait) < 3
    assert capture.camera == "Canon EOS R6"
    assert capture.taken == "2024-05-06T07:08:09.42+02:00"
    assert capture.taken_from == "exif"


def test_raf_preview_is_found_without_libraw(tmp_path: Path, portrait: Pixels) -> None:
    """A RAF without sensor data is read by its preview."""
    exif = Image.Exif()
    exif[274], exif[306] = 8, "2020:01:02 03:04:05"
    preview = jpeg_of(stored_as(portrait, 8), exif=exif)
    picture, capture = read(tmp_path, raf_file(preview), "a.RAF")
    assert difference(picture, portrait) < 3
    assert capture.taken == "2020-01-02T03:04:05"


def canon_like(strip: bytes, orientation: int = 1) -> bytes:
    """Make a CR2-like file that LibRaw refuses: a JPEG as the strip of the first directory."""
    writer = TiffWriter()
    exif = writer.directory(exif_tags("2024:05:06 07:08:09"))
    tags = [
        Tag(259, SHORT, (6,)),
        Tag(273, LONG, (writer.add(strip),)),
        Tag(274, SHORT, (orientation,)),
        Tag(279, LONG, (len(strip),)),
        Tag(34665, LONG, (exif,)),
    ]
    return writer.finish(writer.directory(tags))


def test_cr2_strip_is_found_without_libraw(tmp_path: Path, portrait: Pixels) -> None:
    """A file that LibRaw refuses is read by the JPEG of its first directory, if that is large enough."""
    picture, _ = read(tmp_path, canon_like(jpeg_of(stored_as(portrait, 6)), 6), "a.CR2")
    assert difference(picture, portrait) < 3
    with pytest.raises(UnreadableError) as caught:
        read(tmp_path, canon_like(jpeg_of(portrait[:200, :300])), "a.CR2")
    assert caught.value.code == "unsupported"


@pytest.mark.parametrize("content", [b"", b"not a camera file", b"II*\0\x08\0\0\0", bytes(5000)])
def test_unsupported_content_is_refused(tmp_path: Path, content: bytes) -> None:
    """Content that LibRaw does not support is refused with a message that names the remedy."""
    with pytest.raises(UnreadableError) as caught:
        read(tmp_path, content)
    assert caught.value.code in ("unsupported", "damaged")
    assert "preview" in str(caught.value)


def test_header_with_a_false_size_is_damaged(tmp_path: Path, upright: Pixels) -> None:
    """A sensor of 100 million pixels in a small file is not developed."""
    content = raw_file(upright, dng=True)
    for number, side in ((256, 720), (257, 480)):
        entry = number.to_bytes(2, "little") + b"\x04\0\x01\0\0\0"
        content = content.replace(entry + side.to_bytes(4, "little"), entry + (10_000).to_bytes(4, "little"))
    with pytest.raises(UnreadableError) as caught:
        read(tmp_path, content, "a.DNG")
    assert caught.value.code == "damaged"


def test_time_falls_back_to_preview_and_libraw(
    tmp_path: Path, upright: Pixels, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without readable EXIF, the time comes from the preview's EXIF, and last from LibRaw."""
    monkeypatch.setattr(raw_module, "read_raw_tags", lambda file, size: {})
    _, capture = read(tmp_path, raw_file(upright, preview=jpeg_of(upright)))
    assert (capture.taken, capture.taken_from) == ("2024-05-06T07:08:09", "preview")
    assert capture.camera == "Nikon D7100"
    _, capture = read(tmp_path, raw_file(upright, dng=True), "a.DNG")
    assert (capture.taken, capture.taken_from) == ("2024-05-06T07:08:09", "raw")
    assert (capture.iso, capture.focal_length) == (400, 50.0)


def test_missing_date_stays_missing(tmp_path: Path, upright: Pixels) -> None:
    """LibRaw's first second of 1970 is not taken for a date."""
    for content in (raw_file(upright, preview=jpeg_of(upright), taken=None), raw_file(upright, taken=None)):
        _, capture = read(tmp_path, content)
        assert (capture.taken, capture.taken_from) == (None, None)
        assert capture.iso == 400


def test_file_name_need_not_be_utf8(tmp_path: Path, upright: Pixels) -> None:
    """A file with a name that is not UTF-8 is read."""
    content = raw_file(upright, preview=jpeg_of(upright))
    try:
        picture, _ = read(tmp_path, content, "caf\udce9.NEF")
    except OSError:
        pytest.skip("this disk takes only names that are text")
    assert picture.size == (720, 480)


def test_file_is_closed_after_reading(tmp_path: Path, upright: Pixels) -> None:
    """The file can be replaced after it was read, also after an error."""
    path = tmp_path / "a.NEF"
    path.write_bytes(b"rubbish")
    with path.open("rb") as file, pytest.raises(UnreadableError):
        decode_raw(path, file, 7, DecodeBuffer())
    path.write_bytes(raw_file(upright, preview=jpeg_of(upright)))
    with path.open("rb") as file:
        decode_raw(path, file, path.stat().st_size, DecodeBuffer())
    path.rename(tmp_path / "b.NEF")
    assert Image.open(BytesIO(jpeg_of(upright))).size == (720, 480)


@pytest.mark.parametrize("orientation", [3, 6, 8])
def test_square_preview_is_turned(tmp_path: Path, portrait: Pixels, orientation: int) -> None:
    """A square is neither landscape nor portrait, so its format is not evidence that it is upright."""
    square = np.ascontiguousarray(portrait[: portrait.shape[1]])
    preview = jpeg_of(stored_as(square, orientation))
    content = raw_file(stored_as(portrait, orientation), orientation=orientation, preview=preview)
    picture, _ = read(tmp_path, content)
    assert picture.orientation == orientation
    assert difference(picture, square) < 12


@pytest.mark.parametrize("shape", [(40, 30), (40, 30, 1), (40, 30, 3)])
def test_pixels_of_one_channel_are_an_image(shape: tuple[int, ...]) -> None:
    """Scanners and monochrome sensors give grey previews."""
    image = raw_module._to_image(np.full(shape, 7, np.uint8))
    assert (image.size, image.mode) == ((30, 40), "RGB" if shape[2:] == (3,) else "L")


def test_odd_preview_leaves_the_sensor(
    tmp_path: Path, upright: Pixels, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever fails about a preview, the photo is developed from the sensor data."""
    monkeypatch.setattr(raw_module.rawpy, "ThumbFormat", None)
    content = raw_file(upright, preview=jpeg_of(upright))
    picture, _ = read(tmp_path, content)
    assert picture.image.size == (upright.shape[1] // 2, upright.shape[0] // 2)


def burnt_preview(pixels: Pixels) -> bytes:
    """Return a preview `pixels` with its upper half white."""
    burnt = pixels.copy()
    burnt[: len(burnt) // 2] = 255
    return jpeg_of(burnt)


@pytest.mark.parametrize("suffix", ["NEF", "DNG"])
def test_saturated_sensor_values_are_counted_under_a_white_preview(
    tmp_path: Path, upright: Pixels, suffix: str
) -> None:
    """The preview is burnt out; the sensor may hold its light, or be saturated in a quarter of it."""
    held = mosaic_of(upright // 2)
    lost = held.copy()
    lost[: len(lost) // 4] = 16383
    shares = [
        read(tmp_path, raw_file(upright, preview=burnt_preview(upright), sensor=sensor, dng=suffix == "DNG"))[
            0
        ].sensor_white
        for sensor in (held, lost)
    ]
    assert shares[0] == 0
    assert shares[1] == pytest.approx(0.25, abs=0.02)


def test_sensor_is_not_read_under_a_moderate_preview(
    tmp_path: Path, upright: Pixels, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Reading the sensor data takes longer than all else: it is done where there is white."""
    monkeypatch.setattr(raw_module, "_count_saturated", lambda *_: pytest.fail("was read"))
    dim = upright // 2
    assert read(tmp_path, raw_file(dim, preview=jpeg_of(dim)))[0].sensor_white is None


def test_sensor_data_that_are_missing_are_not_counted(tmp_path: Path, upright: Pixels) -> None:
    """A file that was cut has black sensor data, which must not pass for light that can be recovered."""
    content = raw_file(upright, preview=burnt_preview(upright))
    black = raw_file(upright, preview=burnt_preview(upright), sensor=np.full((480, 720), 255, np.uint16))
    assert read(tmp_path, content)[0].sensor_white is not None
    assert read(tmp_path, black)[0].sensor_white is None
