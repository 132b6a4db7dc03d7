"""Reading photos and frames: the way in, its errors, and what it leaves alone."""

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

NOBODY = 65534
"""The user without rights, on every system that has root."""

ASTRONAUT: Pixels = np.asarray(data.astronaut())[:300, :400]


def put(path: Path, content: bytes = b"", pixels: Pixels = ASTRONAUT) -> Path:
    """Write a file: the content, or a JPEG of the pixels."""
    path.write_bytes(content or jpeg_of(pixels))
    return path


def refusal_of(path: Path) -> PhotoError:
    """Return the error of reading a path: it names the path and is a sentence, also in another process."""
    with pytest.raises(PhotoError) as caught:
        read_photo(path)
    error = caught.value
    assert error.path == path
    assert error.message.endswith(".")
    sent = pickle.loads(pickle.dumps(error))
    assert (sent.path, sent.code, sent.message) == (path, error.code, error.message)
    return error


def test_public_names() -> None:
    """The package offers these names and no others, in order."""
    offered = autocull.read.__all__
    assert offered == sorted(offered)
    assert set(offered) == {
        "Box", "Capture", "DecodeBuffer", "FileIdentity", "Frame", "Photo", "Pixels", "ScanResult",
        "file_identity", "find_frames", "read_frame", "read_photo",
    }  # fmt: skip
    assert all(hasattr(autocull.read, name) for name in offered)


def test_a_jpeg(tmp_path: Path) -> None:
    """A photo knows its kind, its size, its pixels and its facts."""
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
def test_orientation_of_other_kinds(tmp_path: Path, kind: str) -> None:
    """The EXIF orientation of PNG and WebP is followed."""
    exif = Image.Exif()
    exif[274] = 6
    path = tmp_path / "a.any"
    Image.fromarray(np.asarray(np.rot90(ASTRONAUT))).save(path, kind, exif=exif, quality=95)
    photo = read_photo(path)
    assert (photo.width, photo.height, photo.capture.orientation) == (400, 300, 6)
    assert np.abs(photo.working.astype(int) - ASTRONAUT).mean() < 6


def test_self_turning_kinds_are_not_turned_again(tmp_path: Path) -> None:
    """A TIFF with an orientation is upright once."""
    exif = Image.Exif()
    exif[274] = 6
    path = tmp_path / "a.tif"
    Image.fromarray(np.asarray(np.rot90(ASTRONAUT))).save(path, exif=exif)
    photo = read_photo(path)
    assert np.array_equal(photo.working, ASTRONAUT)
    assert photo.capture.orientation == 1


def test_heic_brings_its_facts(tmp_path: Path) -> None:
    """The EXIF inside a HEIC gives its facts, and no second turn."""
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


def test_a_raw(tmp_path: Path) -> None:
    """A RAW file's preview is read, with the RAW's facts."""
    path = put(tmp_path / "a.NEF", raw_file(ASTRONAUT, preview=jpeg_of(ASTRONAUT)))
    photo = read_photo(path)
    assert (photo.kind, photo.width) == ("raw", 400)
    assert photo.capture.lens == "50mm f/1.8"


def test_a_raw_under_a_jpegs_name(tmp_path: Path) -> None:
    """A NEF named .jpg is not judged by its 24 px thumbnail."""
    path = put(tmp_path / "a.jpg", raw_file(ASTRONAUT, preview=jpeg_of(ASTRONAUT)))
    assert (read_photo(path).kind, read_photo(path).width) == ("raw", 400)


def test_the_weakest_time_is_the_files(tmp_path: Path) -> None:
    """Without a date inside, the file's own time is given, and marked."""
    path = put(tmp_path / "a.jpg")
    os.utime(path, (1_700_000_000, 1_700_000_000))
    assert read_photo(path).capture.taken_from == "file"
    assert (read_photo(path).capture.taken or "").startswith("2023-11-1")


def test_errors_of_the_file_itself(tmp_path: Path) -> None:
    """Missing, empty, a folder, a damaged one, an enormous one, no photo: each has its code."""
    (tmp_path / "x.jpg").mkdir()
    (tmp_path / "empty.NEF").touch()
    assert refusal_of(tmp_path / "none.jpg").code == "missing"
    assert refusal_of(tmp_path / "x.jpg").code == "not_a_file"
    assert refusal_of(tmp_path / "empty.NEF").code == "empty"
    assert refusal_of(put(tmp_path / "half.jpg", jpeg_of(ASTRONAUT)[:4000])).code == "damaged"
    assert refusal_of(put(tmp_path / "page.jpg", b"<html>gone</html>")).code == "not_a_photo"
    assert refusal_of(put(tmp_path / "old.bmp", b"BM" + bytes(50))).code == "unsupported"
    assert refusal_of(put(tmp_path / "text.CR2", b"just a text" * 99)).code == "unsupported"


def test_an_unreadable_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that may not be opened is named so, and so is a disk that fails in the middle."""
    path = put(tmp_path / "a.jpg")
    for problem, code in (
        (PermissionError(13, "Permission denied"), "no_permission"),
        (OSError(5, "I/O"), "damaged"),
    ):

        def refuse(*_: object, problem: OSError = problem, **__: object) -> None:
            raise problem

        monkeypatch.setattr(Path, "open", refuse)
        assert refusal_of(path).code == code


@pytest.mark.skipif(sys.platform == "win32", reason="chmod means little there")
def test_a_file_without_rights() -> None:
    """The rights of a real file are respected; root, who may read everything, asks as somebody else."""
    with as_nobody_special(), tempfile.TemporaryDirectory() as folder:
        path = put(Path(folder) / "a.jpg")
        path.chmod(0)
        assert refusal_of(path).code == "no_permission"


@contextmanager
def as_nobody_special() -> Iterator[None]:
    """Give up root's rights in this process for a while, where it has them."""
    if os.getuid() != 0:
        yield
        return
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


def while_decoding(
    monkeypatch: pytest.MonkeyPatch, happens: Callable[[], object], *, fails: bool = False
) -> None:
    """Let something happen to the file while its JPEG is being decoded."""
    decode = reader_module.decode_jpeg

    def disturbed(jpeg: bytes, arena: DecodeBuffer) -> DecodedImage:
        happens()
        return decode(jpeg[:3000] if fails else jpeg, arena)

    monkeypatch.setattr(reader_module, "decode_jpeg", disturbed)


@pytest.mark.parametrize("fails", [False, True])
def test_a_growing_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fails: bool) -> None:
    """A file that is still being copied is not judged, and not called damaged either."""
    path = put(tmp_path / "a.jpg")

    def grow() -> None:
        with path.open("ab") as file:
            file.write(b"more")

    while_decoding(monkeypatch, grow, fails=fails)
    assert refusal_of(path).code == "changing"


@pytest.mark.parametrize("fails", [False, True])
@pytest.mark.skipif(sys.platform == "win32", reason="open files cannot be deleted there")
def test_a_vanishing_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fails: bool) -> None:
    """A file that is moved away meanwhile is missing."""
    path = put(tmp_path / "a.jpg")
    while_decoding(monkeypatch, lambda: path.rename(tmp_path / "b.jpg"), fails=fails)
    assert refusal_of(path).code == "missing"


def test_no_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A picture for which there is no memory is named; the worker lives."""
    path = put(tmp_path / "a.jpg")

    def full(_: DecodeBuffer, size: int) -> None:
        raise MemoryError

    monkeypatch.setattr(DecodeBuffer, "allocate", full)
    assert refusal_of(path).code == "out_of_memory"


def test_an_enormous_file_is_not_loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A JPEG of half a gigabyte is refused before it is read into memory."""
    monkeypatch.setattr(reader_module, "_MAX_JPEG_BYTES", 1000)
    assert refusal_of(put(tmp_path / "a.jpg")).code == "too_large"


def test_long_paths_and_two_spellings(tmp_path: Path) -> None:
    """Paths over 260 characters are read; composed and decomposed accents are two photos."""
    deep = tmp_path.joinpath(*["d" * 60] * 6)
    deep.mkdir(parents=True)
    composed, decomposed = (deep / unicodedata.normalize(form, "café.jpg") for form in ("NFC", "NFD"))
    put(composed)
    put(decomposed, pixels=ASTRONAUT // 4)
    if len(list(deep.iterdir())) < 2:
        pytest.skip("this disk keeps only one spelling")
    assert len(str(composed)) > 400
    assert read_photo(composed).working.mean() > 2 * read_photo(decomposed).working.mean()


def test_reading_leaves_everything_as_it_was(tmp_path: Path) -> None:
    """Nothing is written beside a photo or into it, whether it can be read or not."""
    contents = {
        "a.jpg": jpeg_of(ASTRONAUT),
        "b.NEF": raw_file(ASTRONAUT, preview=jpeg_of(ASTRONAUT)),
        "c.DNG": raw_file(ASTRONAUT, dng=True),
        "d.CR3": cr3_file(jpeg_of(ASTRONAUT))[:900],
    }
    before = {}
    for name, content in contents.items():
        path = put(tmp_path / name, content)
        before[name] = path.stat().st_mtime_ns
        try:
            read_photo(path)
        except PhotoError:
            assert name == "d.CR3"
    after = {path.name: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
    assert after == before
    assert all((tmp_path / name).read_bytes() == content for name, content in contents.items())


def test_one_arena_serves_all_kinds(tmp_path: Path) -> None:
    """An arena that has seen other photos gives the same picture as a fresh one."""
    arena = DecodeBuffer()
    paths = [
        put(tmp_path / "a.jpg"),
        put(tmp_path / "b.NEF", raw_file(ASTRONAUT, preview=jpeg_of(255 - ASTRONAUT))),
        put(tmp_path / "c.jpg", jpeg_of(data.coins())),
    ]
    for path in [*paths, *reversed(paths)]:
        assert np.array_equal(read_photo(path, buffer=arena).working, read_photo(path).working)


# --- frames ---------------------------------------------------------------------------------------------


def frame_of(tmp_path: Path, raw: bytes, jpeg: bytes) -> Frame:
    """Write a RAW+JPEG pair."""
    return Frame(put(tmp_path / "I.NEF", raw), (put(tmp_path / "I.JPG", jpeg),))


def brightness(photo: Photo) -> float:
    """Return the mean of the working picture, which tells the made pictures apart."""
    return float(photo.working.mean())


def test_the_raw_of_a_pair_is_read(tmp_path: Path) -> None:
    """A good RAW needs no companion."""
    photo = read_frame(frame_of(tmp_path, raw_file(ASTRONAUT, preview=jpeg_of(ASTRONAUT)), b"broken"))
    assert (photo.path.name, photo.remarks) == ("I.NEF", ())


@pytest.mark.parametrize("raw", [b"broken", cr3_file(b"")])
def test_the_companion_stands_in(tmp_path: Path, raw: bytes) -> None:
    """Where the RAW cannot be read, its JPEG is, with a remark."""
    photo = read_frame(frame_of(tmp_path, raw, jpeg_of(ASTRONAUT)), buffer=DecodeBuffer())
    assert (photo.path.name, photo.kind, photo.remarks) == ("I.JPG", "jpeg", ("companion_read",))


def low_preview() -> bytes:
    """Make a RAW file of 3000 px whose preview has 600 px and is dark."""
    preview = np.asarray(Image.fromarray(ASTRONAUT // 4).resize((600, 400)))
    return raw_file(ASTRONAUT, sensor=np.zeros((2000, 3000), np.uint16), preview=jpeg_of(preview))


def test_a_companion_beats_a_low_preview(tmp_path: Path) -> None:
    """The JPEG beside a RAW with a low preview shows the focus better."""
    photo = read_frame(frame_of(tmp_path, low_preview(), jpeg_of(ASTRONAUT)))
    assert (photo.path.name, photo.remarks) == ("I.JPG", ("companion_read",))


def test_a_low_preview_beats_a_broken_companion(tmp_path: Path) -> None:
    """The low preview is read again when the companion, decoded into the same arena, fails."""
    frame = frame_of(tmp_path, low_preview(), jpeg_of(ASTRONAUT)[:9000])
    photo = read_frame(frame, buffer=DecodeBuffer())
    assert (photo.path.name, photo.remarks) == ("I.NEF", ("low_resolution_preview",))
    whole = photo.crop(Box(0, 0, 1, 1))
    assert whole.mean() == pytest.approx(brightness(photo), abs=0.5)


def test_a_frame_without_anything(tmp_path: Path) -> None:
    """When no file of the frame can be read, the error is that of its first one."""
    with pytest.raises(PhotoError) as caught:
        read_frame(frame_of(tmp_path, b"broken", b"broken too"))
    assert caught.value.path.name == "I.NEF"
    with pytest.raises(PhotoError):
        read_frame(Frame(tmp_path / "none.jpg"))
