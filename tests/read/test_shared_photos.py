"""Every odd file and RAW file kept next to the checkout has the outcome that its manifest expects."""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from autocull.errors import PhotoError
from autocull.read import DecodeBuffer, Photo, find_frames, read_photo
from conftest import SHARED_DATA

CODES = {
    "missing", "not_a_file", "no_permission", "empty", "not_a_photo", "unsupported", "damaged", "too_large",
    "too_small", "no_picture", "changing", "timeout", "crashed", "out_of_memory",
}  # fmt: skip


@cache
def shared_buffer() -> DecodeBuffer:
    """Return the one buffer into which all photos here are decoded, as in a worker."""
    return DecodeBuffer()


def rows(folder: str) -> list[tuple[str, str]]:
    """Return (path below the shared photos, expected outcome) of a manifest; [] if there is none."""
    manifest = SHARED_DATA / folder / "manifest.csv"
    if not manifest.is_file():
        return []
    with manifest.open(newline="", encoding="utf-8") as file:
        return [(f"{folder}/{row['path']}", row["expected"]) for row in csv.DictReader(file)]


def shared(name: str) -> Photo:
    """Read a shared photo."""
    return read_photo(SHARED_DATA / name, buffer=shared_buffer())


@pytest.mark.timeout(20)
@pytest.mark.parametrize(("name", "expected"), rows("raw") + rows("odd_files"))
def test_expected_outcome(shared_data: Path, name: str, expected: str) -> None:
    """`scored` gives a plausible picture, `clear_error` an error with a code, `either` one of them."""
    outcome = outcome_of(name)
    if isinstance(outcome, PhotoError):
        assert expected in ("clear_error", "either"), outcome.message
        assert outcome.code in CODES
        assert outcome.path == SHARED_DATA / name
        assert len(outcome.message) > 15
    else:
        assert expected in ("scored", "either")
        assert outcome.working.dtype == np.uint8
        assert outcome.capture.taken is not None
        assert_same_shape(outcome)


def outcome_of(name: str) -> Photo | PhotoError:
    """Return the photo or the error; any other exception fails the test."""
    try:
        return shared(name)
    except PhotoError as error:
        return error


def assert_same_shape(photo: Photo) -> None:
    """Assert that the working picture has the right size and the photo's proportions."""
    height, width, channels = photo.working.shape
    assert channels == 3
    assert max(height, width) == max(photo.width, photo.height) or 800 <= max(height, width) <= 1024
    shrunk = max(photo.width, photo.height) / max(height, width)
    assert min(height, width) == pytest.approx(min(photo.width, photo.height) / shrunk, abs=1)


def block_means(photo: Photo) -> NDArray[np.float64]:
    """Return the means of blocks of 8 x 8 pixels, which average out the previews' JPEG losses."""
    height, width = (side // 8 for side in photo.working.shape[:2])
    return photo.working[: height * 8, : width * 8].reshape(height, 8, width, 8, 3).mean(axis=(1, 3))


@pytest.mark.parametrize("form", ["orient_3", "orient_5", "orient_6", "orient_7", "orient_8"])
def test_raw_files_are_upright_in_every_orientation(shared_data: Path, form: str) -> None:
    """The generated NEFs show the same upright picture in every orientation."""
    first, other = block_means(shared("raw/made/orient_1.NEF")), block_means(shared(f"raw/made/{form}.NEF"))
    assert np.abs(first - other).mean() < 1


@pytest.mark.parametrize("form", ["exif_no_orientation", "exif_orientation_1", "preview_upright"])
def test_orientation_in_the_previews_exif_is_ignored(shared_data: Path, form: str) -> None:
    """The picture is upright whatever the preview's EXIF holds, and if the preview is stored upright."""
    first = block_means(shared("raw/made/orient_1.NEF"))
    other = block_means(shared(f"raw/made/orient6_{form}.NEF"))
    assert np.abs(first - other).mean() < 1


@pytest.mark.parametrize(("name", "forms"), [("heic_{}.heic", range(2, 9)), ("Landscape_{}.jpg", (3, 6, 8))])
def test_heic_and_jpeg_are_upright_in_every_orientation(shared_data: Path, name: str, forms: range) -> None:
    """The files of all orientations are alike except for the number painted on them."""
    first = shared("odd_files/orientation/" + name.format(1)).working.astype(int)
    for form in forms:
        other = shared("odd_files/orientation/" + name.format(form)).working
        assert other.shape == first.shape
        assert np.corrcoef(first.ravel(), other.ravel())[0, 1] > 0.8


def test_nef_named_jpg_is_not_read_as_its_thumbnail(shared_data: Path) -> None:
    """The preview is read, not the 160 x 106 thumbnail which a TIFF reader finds first."""
    photo = shared("odd_files/made/nef_named.jpg")
    assert (photo.kind, photo.width) == ("raw", 480)


def test_raw_with_small_preview_is_developed(shared_data: Path) -> None:
    """If the preview is too small, the sensor data are developed at half size."""
    for name in ("no_preview", "small_preview"):
        assert shared(f"raw/made/{name}.DNG").width == 750


def test_small_preview_of_an_unsupported_sensor_has_a_remark(shared_data: Path) -> None:
    """Nikon's JPEG XL DNG is readable only by its preview of 640 px."""
    photo = shared("raw/nikon_z9_jxl.DNG")
    assert photo.width == 640
    assert photo.remarks == ("low_resolution_preview",)
    assert photo.working.mean() > 250


def test_blur_is_preserved(shared_data: Path) -> None:
    """The blurred NEF has less fine detail than the sharp one."""
    sharp, blurred = shared("raw/made/sharp.NEF").working, shared("raw/made/blurred.NEF").working
    assert np.diff(sharp.astype(int), axis=1).std() > 2 * np.diff(blurred.astype(int), axis=1).std()


def test_capture_of_real_cameras(shared_data: Path) -> None:
    """The capture is read from each maker's format."""
    nikon = shared("raw/nikon_d7100_cut.NEF").capture
    assert (nikon.camera, nikon.taken, nikon.iso) == ("NIKON D7100", "2013-09-03T09:45:16.40", 100)
    canon = shared("raw/canon_r6_cut.CR3").capture
    assert (canon.camera, canon.taken_from) == ("Canon EOS R6", "exif")
    assert canon.taken == "2025-09-06T20:24:47.72-08:00"
    crw = shared("raw/canon_d30_complete.CRW").capture
    assert (crw.camera, crw.taken_from) == ("Canon EOS D30", "preview")
    z9 = shared("raw/nikon_z9_jxl.DNG").capture
    assert z9.lens == "NIKKOR Z 85mm f/1.2 S"
    assert z9.focal_length == 85


@pytest.mark.parametrize("name", ["zero_date", "impossible_date"])
def test_invalid_dates_fall_back_to_the_file_time(shared_data: Path, name: str) -> None:
    """An invalid date is replaced by the file's time."""
    assert shared(f"odd_files/exif/{name}.jpg").capture.taken_from == "file"


def test_hostile_texts_are_clean(shared_data: Path) -> None:
    """Control bytes in a camera's name do not reach the terminal."""
    camera = shared("odd_files/exif/hostile_strings.jpg").capture.camera
    assert camera is not None
    assert camera.isprintable()


def test_cmyk_profile_is_applied(shared_data: Path) -> None:
    """A CMYK photo with a profile is converted by it."""
    photo = shared("odd_files/jpeg/cmyk-sample.jpg")
    assert photo.remarks == ()
    assert 20 < photo.working.mean() < 235


def test_corrupt_profile_has_a_remark(shared_data: Path) -> None:
    """The photo is read without its profile."""
    assert "profile_ignored" in shared("odd_files/jpeg/corrupted-icc-srgb.jpg").remarks


def test_panoramas_are_decoded_at_reduced_size(shared_data: Path) -> None:
    """180 million pixels are read at half size."""
    photo = shared("odd_files/made/big_pano_36000x5000.jpg")
    assert (photo.width, photo.height, photo.remarks) == (18000, 2500, ("scaled_down",))


def test_all_files_are_found(shared_data: Path) -> None:
    """Scanning the folders finds every row of the manifests as a file of a frame."""
    result = find_frames([shared_data / "raw", shared_data / "odd_files"])
    files = {path.relative_to(shared_data).as_posix() for frame in result.frames for path in frame.files}
    apple_double = "odd_files/made/._IMG_0002.JPG"
    assert {name for name, _ in rows("raw") + rows("odd_files")} - files == {apple_double}
    assert result.unreadable == ()
    assert {path.name for path in result.passed_over} == {
        "manifest.csv",
        "README-raw.md",
        "._IMG_0002.JPG",
    }
