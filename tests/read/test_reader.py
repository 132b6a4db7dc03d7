"""The reader: photos and frames, errors, and no changes to the files."""

from __future__ import annotations

import os
import pickle
import sys
import tempfile
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from skimage import data

import autocull.read
import autocull.read.reader as reader_module
from autocull.errors import PhotoError
from autocull.read import Box, DecodeBuffer, Frame, Photo, read_frame, read_photo
from autocull.read.decoded_image import DecodedImage
from autocull.read.photo import Pixels
from support.raw_files import cr3_file, jpeg_of, raw_file

UNPRIVILEGED_USER = 65534
"""The user without rights, on every system that has root."""

ASTRONAUT: Pixels = np.asarray(data.astronaut())[:300, :400]


def write_file(path: Path, content: bytes = b"", pixels: Pixels = ASTRONAUT) -> Path:
    """Write a file: the content, or a JPEG of the pixels."""
    path.write_bytes(content or jpeg_of(pixels))
    return path


def error_of(path: Path) -> PhotoError:
    """Return the error of reading a path; it has path and message, also after pickling."""
    with pytest.raises(PhotoError) as caught:
        read_photo(path)
    error = caught.value
    assert error.path == path
    assert error.message.endswith(".")
    sent = pickle.loads(pickle.dumps(error))
    assert (sent.path, sent.code, sent.message) == (path, error.code, error.message)
    return error


def test_public_names() -> None:
    """The package exports these names and no others, in order."""
    exported = autocull.read.__all__
    assert exported == sorted(exported)
    assert set(exported) == {
        "Box",
        "COMPANION_SUFFIXES",
        "Capture",
        "DecodeBuffer",
        "FileIdentity",
        "FolderIndex",
        "Frame",
        "PHOTO_SUFFIXES",
        "Photo",
        "Pixels",
        "RAW_SUFFIXES",
        "ScanResult",
        "file_identity",
        "find_frames",
        "fingerprint_frame",
        "normalise_name",
        "reachable",
        "read_embedded_xmp",
        "read_frame",
        "read_photo",
    }
    assert all(hasattr(autocull.read, name) for name in exported)


def test_jpeg_is_read_with_pixels_and_capture(tmp_path: Path) -> None:
    """A photo has its kind, size, pixels and capture."""
    exif = Image.Exif()
    exif[274], exif[271], exif[272] = 6, "ACME", "X1"
    exif.get_ifd(0x8769)[36867] = "2024:05:06 07:08:09"
    path = tmp_path / "a.jpg"
    path.write_bytes(jpeg_of(np.asarray(np.rot90(ASTRONAUT)), exif=exif))
    photo = read_photo(path)
    assert (photo.path, photo.kind, photo.width, photo.height) == (path, "jpeg", 400, 300)
    assert np.abs(photo.working.astype(int) - ASTRONAUT).mean() < 3
    assert np.array_equal(photo.crop(Box(0.25, 0.5, 0.5, 0.75)), photo.working[150:225, 100:200])
    assert photo.capture.camera == "ACME X1"
    assert (photo.capture.taken, photo.capture.taken_from) == ("2024-05-06T07:08:09", "exif")
    assert photo.capture.orientation == 6
    assert photo.remarks == ()


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_orientation_of_png_and_webp_is_applied(tmp_path: Path, kind: str) -> None:
    """The EXIF orientation of PNG and WebP is applied."""
    exif = Image.Exif()
    exif[274] = 6
    path = tmp_path / "a.any"
    Image.fromarray(np.asarray(np.rot90(ASTRONAUT))).save(path, kind, exif=exif, quality=95)
    photo = read_photo(path)
    assert (photo.width, photo.height, photo.capture.orientation) == (400, 300, 6)
    assert np.abs(photo.working.astype(int) - ASTRONAUT).mean() < 6


def test_orientation_of_tiff_is_applied_once(tmp_path: Path) -> None:
    """A TIFF with an orientation is turned once."""
    exif = Image.Exif()
    exif[274] = 6
    path = tmp_path / "a.tif"
    Image.fromarray(np.asarray(np.rot90(ASTRONAUT))).save(path, exif=exif)
    photo = read_photo(path)
    assert np.array_equal(photo.working, ASTRONAUT)
    assert photo.capture.orientation == 1


def test_heic_has_capture_and_is_turned_once(tmp_path: Path) -> None:
    """The EXIF inside a HEIC gives the capture, and its orientation is not applied again."""
    import pillow_heif

    exif = Image.Exif()
    exif[274], exif[272] = 6, "Phone"
    path = tmp_path / "a.HEIC"
    pillow_heif.from_pillow(Image.fromarray(np.asarray(np.rot90(ASTRONAUT)))).save(path, exif=exif.tobytes())
    photo = read_photo(path)
    assert (photo.kind, photo.width, photo.capture.camera, photo.capture.orientation) == (
        "heic",
        400,
        "Phone",
        1,
    )


def test_raw_preview_is_read_with_the_raws_capture(tmp_path: Path) -> None:
    """A RAW file's preview is read, with the capture of the RAW file."""
    path = write_file(tmp_path / "a.NEF", raw_file(ASTRONAUT, preview=jpeg_of(ASTRONAUT)))
    photo = read_photo(path)
    assert (photo.kind, photo.width) == ("raw", 400)
    assert photo.capture.lens == "50mm f/1.8"


def test_raw_named_jpg_is_read_as_raw(tmp_path: Path) -> None:
    """A NEF named .jpg is not judged by its 24 px thumbnail."""
    path = write_file(tmp_path / "a.jpg", raw_file(ASTRONAUT, preview=jpeg_of(ASTRONAUT)))
    assert (read_photo(path).kind, read_photo(path).width) == ("raw", 400)


def test_file_time_is_the_last_resort(tmp_path: Path) -> None:
    """Without a date inside, the file's own time is used, and marked as such."""
    path = write_file(tmp_path / "a.jpg")
    os.utime(path, (1_700_000_000, 1_700_000_000))
    assert read_photo(path).capture.taken_from == "file"
    assert (read_photo(path).capture.taken or "").startswith("2023-11-1")


def test_unreadable_files_have_an_error_code(tmp_path: Path) -> None:
    """Missing, empty, a folder, damaged, no photo, unsupported: each has its code."""
    (tmp_path / "x.jpg").mkdir()
    (tmp_path / "empty.NEF").touch()
    assert error_of(tmp_path / "none.jpg").code == "missing"
    assert error_of(tmp_path / "x.jpg").code == "not_a_file"
    assert error_of(tmp_path / "empty.NEF").code == "empty"
    assert error_of(write_file(tmp_path / "half.jpg", jpeg_of(ASTRONAUT)[:4000])).code == "damaged"
    assert error_of(write_file(tmp_path / "page.jpg", b"<html>gone</html>")).code == "not_a_photo"
    assert error_of(write_file(tmp_path / "old.bmp", b"BM" + bytes(50))).code == "unsupported"
    assert error_of(write_file(tmp_path / "text.CR2", b"just a text" * 99)).code == "unsupported"


def test_errors_while_opening_have_a_code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that cannot be opened, and a failing disk, have their own codes."""
    path = write_file(tmp_path / "a.jpg")
    for problem, code in (
        (PermissionError(13, "Permission denied"), "no_permission"),
        (OSError(5, "I/O"), "damaged"),
    ):

        def refuse(*_: object, problem: OSError = problem, **__: object) -> None:
            raise problem

        monkeypatch.setattr(Path, "open", refuse)
        assert error_of(path).code == code


@pytest.mark.skipif(sys.platform == "win32", reason="chmod means little there")
def test_file_without_read_permission_is_an_error() -> None:
    """The permissions of a real file are respected; root, who may read everything, reads as another user."""
    with as_unprivileged_user(), tempfile.TemporaryDirectory() as folder:
        path = write_file(Path(folder) / "a.jpg")
        path.chmod(0)
        assert error_of(path).code == "no_permission"


@contextmanager
def as_unprivileged_user() -> Iterator[None]:
    """Give up root's rights in this process for a while, if it has them."""
    if os.getuid() != 0:
        yield
        return
    os.seteuid(UNPRIVILEGED_USER)
    try:
        yield
    finally:
        os.seteuid(0)


def while_decoding(
    monkeypatch: pytest.MonkeyPatch, interfere: Callable[[], object], *, fails: bool = False
) -> None:
    """Run a function while the JPEG is being decoded; with `fails`, decoding fails."""
    decode = reader_module.decode_jpeg

    def disturbed(jpeg: bytes, buffer: DecodeBuffer) -> DecodedImage:
        interfere()
        return decode(jpeg[:3000] if fails else jpeg, buffer)

    monkeypatch.setattr(reader_module, "decode_jpeg", disturbed)


@pytest.mark.parametrize("fails", [False, True])
def test_growing_file_is_changing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fails: bool) -> None:
    """A file that is still being copied is not judged, and not called damaged either."""
    path = write_file(tmp_path / "a.jpg")

    def grow() -> None:
        with path.open("ab") as file:
            file.write(b"more")

    while_decoding(monkeypatch, grow, fails=fails)
    assert error_of(path).code == "changing"


@pytest.mark.parametrize("fails", [False, True])
@pytest.mark.skipif(sys.platform == "win32", reason="open files cannot be deleted there")
def test_vanishing_file_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fails: bool) -> None:
    """A file that is moved away meanwhile is missing."""
    path = write_file(tmp_path / "a.jpg")
    while_decoding(monkeypatch, lambda: path.rename(tmp_path / "b.jpg"), fails=fails)
    assert error_of(path).code == "missing"


def test_lack_of_memory_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A picture for which there is no memory is an error of this photo; the worker goes on."""
    path = write_file(tmp_path / "a.jpg")

    def full(_: DecodeBuffer, size: int) -> None:
        raise MemoryError

    monkeypatch.setattr(DecodeBuffer, "allocate", full)
    assert error_of(path).code == "out_of_memory"


def test_enormous_file_is_not_loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A JPEG over the limit is an error before it is read into memory."""
    monkeypatch.setattr(reader_module, "MAX_JPEG_BYTES", 1000)
    assert error_of(write_file(tmp_path / "a.jpg")).code == "too_large"


def test_long_paths_and_both_accent_spellings_are_read(tmp_path: Path) -> None:
    """Paths over 260 characters are read; composed and decomposed accents are two photos."""
    deep = tmp_path.joinpath(*["d" * 60] * 6)
    deep.mkdir(parents=True)
    composed, decomposed = (deep / unicodedata.normalize(form, "café.jpg") for form in ("NFC", "NFD"))
    write_file(composed)
    write_file(decomposed, pixels=ASTRONAUT // 4)
    if len(list(deep.iterdir())) < 2:
        pytest.skip("this disk keeps only one spelling")
    assert len(str(composed)) > 400
    assert read_photo(composed).working.mean() > 2 * read_photo(decomposed).working.mean()


def test_reading_changes_no_file(tmp_path: Path) -> None:
    """Nothing is written next to a photo or into it, whether it can be read or not."""
    contents = {
        "a.jpg": jpeg_of(ASTRONAUT),
        "b.NEF": raw_file(ASTRONAUT, preview=jpeg_of(ASTRONAUT)),
        "c.DNG": raw_file(ASTRONAUT, dng=True),
        "d.CR3": cr3_file(jpeg_of(ASTRONAUT))[:900],
    }
    before = {}
    for name, content in contents.items():
        path = write_file(tmp_path / name, content)
        before[name] = path.stat().st_mtime_ns
        try:
            read_photo(path)
        except PhotoError:
            assert name == "d.CR3"
    after = {path.name: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
    assert after == before
    assert all((tmp_path / name).read_bytes() == content for name, content in contents.items())


def test_reused_buffer_gives_the_same_pixels(tmp_path: Path) -> None:
    """A buffer that held other photos gives the same picture as a new one."""
    buffer = DecodeBuffer()
    paths = [
        write_file(tmp_path / "a.jpg"),
        write_file(tmp_path / "b.NEF", raw_file(ASTRONAUT, preview=jpeg_of(255 - ASTRONAUT))),
        write_file(tmp_path / "c.jpg", jpeg_of(data.coins())),
    ]
    for path in [*paths, *reversed(paths)]:
        assert np.array_equal(read_photo(path, buffer=buffer).working, read_photo(path).working)


# --- frames ---------------------------------------------------------------------------------------------


def frame_of(tmp_path: Path, raw: bytes, jpeg: bytes) -> Frame:
    """Write a RAW+JPEG pair."""
    return Frame(write_file(tmp_path / "I.NEF", raw), (write_file(tmp_path / "I.JPG", jpeg),))


def brightness(photo: Photo) -> float:
    """Return the mean of the working picture, which differs between the test pictures."""
    return float(photo.working.mean())


def test_raw_of_a_pair_is_read(tmp_path: Path) -> None:
    """A readable RAW file needs no companion."""
    photo = read_frame(frame_of(tmp_path, raw_file(ASTRONAUT, preview=jpeg_of(ASTRONAUT)), b"broken"))
    assert (photo.path.name, photo.remarks) == ("I.NEF", ())


@pytest.mark.parametrize("raw", [b"broken", cr3_file(b"")])
def test_companion_replaces_an_unreadable_raw(tmp_path: Path, raw: bytes) -> None:
    """If the RAW file cannot be read, its JPEG is, with a remark."""
    photo = read_frame(frame_of(tmp_path, raw, jpeg_of(ASTRONAUT)), buffer=DecodeBuffer())
    assert (photo.path.name, photo.kind, photo.remarks) == ("I.JPG", "jpeg", ("companion_read",))


def low_preview() -> bytes:
    """Make a RAW file of 3000 px whose preview has 600 px and is dark."""
    preview = np.asarray(Image.fromarray(ASTRONAUT // 4).resize((600, 400)))
    return raw_file(ASTRONAUT, sensor=np.zeros((2000, 3000), np.uint16), preview=jpeg_of(preview))


def test_companion_replaces_a_low_resolution_preview(tmp_path: Path) -> None:
    """The JPEG next to a RAW file with a small preview shows the focus better."""
    photo = read_frame(frame_of(tmp_path, low_preview(), jpeg_of(ASTRONAUT)))
    assert (photo.path.name, photo.remarks) == ("I.JPG", ("companion_read",))


def test_low_resolution_preview_is_read_again_if_the_companion_fails(tmp_path: Path) -> None:
    """The failed companion has overwritten the buffer, so the preview is decoded again."""
    frame = frame_of(tmp_path, low_preview(), jpeg_of(ASTRONAUT)[:9000])
    photo = read_frame(frame, buffer=DecodeBuffer())
    assert (photo.path.name, photo.remarks) == ("I.NEF", ("low_resolution_preview",))
    whole = photo.crop(Box(0, 0, 1, 1))
    assert whole.mean() == pytest.approx(brightness(photo), abs=0.5)


def test_frame_without_readable_file_has_the_first_error(tmp_path: Path) -> None:
    """If no file of the frame can be read, the error is that of its first one."""
    with pytest.raises(PhotoError) as caught:
        read_frame(frame_of(tmp_path, b"broken", b"broken too"))
    assert caught.value.path.name == "I.NEF"
    with pytest.raises(PhotoError):
        read_frame(Frame(tmp_path / "none.jpg"))
