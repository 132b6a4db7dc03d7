"""Formats other than JPEG and RAW: depths, modes, transparency and orientation."""

from __future__ import annotations

import struct
from functools import partial
from io import BytesIO
from zlib import crc32

import numpy as np
import pillow_heif
import pytest
import tifffile
from PIL import Image, ImageCms
from skimage import data

import autocull.read.decoders.errors as errors_module
import autocull.read.decoders.pillow as pictures_module
from autocull.read.decoded_image import DecodedImage
from autocull.read.decoders.errors import UnreadableError
from autocull.read.decoders.pillow import decode_heic, decode_picture, to_eight_bits
from autocull.read.photo import Pixels
from support.icc_profiles import ADOBE_RGB, rgb_profile

ASTRONAUT: Pixels = np.asarray(data.astronaut())[:300, :400]
SMALL: Pixels = np.asarray(Image.fromarray(ASTRONAUT).resize((64, 48)))
GREY: Pixels = np.asarray(data.camera())[:300, :400]


def saved(image: Image.Image, kind: str, **options: object) -> bytes:
    """Save an image as Pillow's `kind`."""
    file = BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def decoded(kind: str, content: bytes) -> DecodedImage:
    """Decode bytes."""
    return decode_picture(kind, BytesIO(content), len(content))[0]


def float_tiff(values: np.ndarray, **options: object) -> bytes:
    """Write a TIFF with tifffile."""
    file = BytesIO()
    tifffile.imwrite(file, values, **options)
    return file.getvalue()


def psd(pixels: Pixels) -> bytes:
    """Make a minimal Photoshop file: a header, no layers, one plane after another."""
    height, width, channels = pixels.shape
    head = struct.pack(">4sH6xHIIHH", b"8BPS", 1, channels, height, width, 8, 3)
    return head + bytes(12) + b"\0\0" + pixels.transpose(2, 0, 1).tobytes()


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("png", saved(Image.fromarray(ASTRONAUT), "PNG")),
        ("tiff", saved(Image.fromarray(ASTRONAUT), "TIFF", compression="tiff_lzw")),
        ("webp", saved(Image.fromarray(ASTRONAUT), "WEBP", lossless=True)),
        ("psd", psd(ASTRONAUT)),
        ("tiff", float_tiff(ASTRONAUT.astype(np.uint16) * 257, photometric="rgb")),
        ("tiff", float_tiff(ASTRONAUT / np.float32(255), photometric="rgb")),
        ("tiff", float_tiff((ASTRONAUT / np.float32(255)).astype(np.float16), photometric="rgb")),
        ("tiff", float_tiff(ASTRONAUT.astype(np.float64) * 257, photometric="rgb")),
    ],
)
def test_colour_pictures_keep_their_pixels(kind: str, content: bytes) -> None:
    """8, 16 and floating-point colour are decoded to the same 8-bit pixels."""
    picture = decoded(kind, content)
    assert picture.size == (400, 300)
    assert np.abs(picture.render_working().astype(int) - ASTRONAUT).max() <= 1
    assert picture.remarks == ()


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("png", saved(Image.fromarray(GREY), "PNG")),
        ("png", saved(Image.fromarray(GREY.astype(np.uint16) * 257), "PNG")),
        ("tiff", saved(Image.fromarray(GREY.astype(np.uint16) * 257), "TIFF")),
        ("tiff", saved(Image.fromarray(GREY.astype(np.int32) * 257), "TIFF")),
        ("tiff", float_tiff(GREY / np.float32(255))),
        ("tiff", float_tiff(GREY.astype(np.uint16) * 257, byteorder=">")),
    ],
)
def test_grey_pictures_keep_their_tones(kind: str, content: bytes) -> None:
    """8, 16, 32 bits and floating-point grey are scaled by their range and never clipped to white."""
    picture = decoded(kind, content)
    assert picture.image.mode == "L"
    assert np.abs(picture.render_working()[..., 0].astype(int) - GREY).max() <= 2


def test_transparency_is_composited_over_white() -> None:
    """Transparent pixels become white, opaque ones keep their colour: RGBA, grey with alpha, palette."""
    alpha = np.full((300, 400), 255, np.uint8)
    alpha[:, :200] = 0
    layered = Image.fromarray(np.dstack([ASTRONAUT, alpha]))
    for image in (layered, layered.convert("LA"), layered.quantize(200)):
        shown = decoded("png", saved(image, "PNG")).render_working()
        assert shown[:, :199].min() == 255
        assert np.abs(shown[:, 210:].mean() - ASTRONAUT[:, 210:].mean()) < 6


@pytest.mark.parametrize("mode", ["1", "P", "CMYK", "LAB", "YCbCr"])
def test_unusual_modes_are_converted(mode: str) -> None:
    """Bilevel, palette, CMYK, Lab and YCbCr TIFFs are decoded to the photo's colours."""
    if mode == "LAB":
        content = saved(Image.new("LAB", (9, 9), (128, 128, 128)), "TIFF")
        assert decoded("tiff", content).render_working()[4, 4].tolist() == pytest.approx([119] * 3, abs=2)
        return
    image = Image.fromarray(ASTRONAUT).convert(mode)
    shown = decoded("tiff", saved(image, "TIFF")).render_working()
    assert shown.mean() == pytest.approx(ASTRONAUT.mean(), abs=6)


@pytest.mark.parametrize("kind", ["GIF", "TIFF", "WEBP"])
def test_first_of_several_frames_is_read(kind: str) -> None:
    """Of several frames or pages the first is used."""
    first, second = Image.fromarray(ASTRONAUT), Image.new("RGB", (400, 300))
    picture = decoded(kind.lower(), saved(first, kind, save_all=True, append_images=[second]))
    assert picture.render_working().mean() == pytest.approx(ASTRONAUT.mean(), abs=3)


@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
@pytest.mark.parametrize("depth", ["8 bit", "16 bit", "float"])
def test_tiffs_are_turned_once(orientation: int, depth: str) -> None:
    """TIFFs of every depth are upright, whichever library turns them."""
    values = {"8 bit": GREY, "16 bit": GREY.astype(np.uint16) * 257, "float": GREY / np.float32(255)}[depth]
    stored = np.rot90(values, {1: 0, 3: 2, 6: 1, 8: 3}[orientation])
    tag = (274, "H", 1, orientation, True)
    picture = decoded("tiff", float_tiff(np.ascontiguousarray(stored), extratags=[tag]))
    assert picture.size == (400, 300)
    assert np.abs(picture.render_working()[..., 0].astype(int) - GREY).max() <= 1


@pytest.mark.parametrize("kind", ["png", "tiff", "webp"])
def test_profiles_are_kept(kind: str) -> None:
    """Colour profiles are passed on; a corrupt one is replaced by a remark."""
    profile = rgb_profile(ADOBE_RGB, 2.2)
    picture = decoded(kind, saved(Image.fromarray(ASTRONAUT), kind.upper(), icc_profile=profile))
    assert picture.profile == profile
    broken = decoded(kind, saved(Image.fromarray(ASTRONAUT), kind.upper(), icc_profile=b"broken" * 30))
    assert broken.profile is None
    assert broken.remarks == ("profile_ignored",)


@pytest.mark.parametrize("kind", ["png", "tiff", "webp", "psd"])
def test_truncated_files_are_damaged(kind: str) -> None:
    """Half a picture is refused."""
    content = psd(ASTRONAUT) if kind == "psd" else saved(Image.fromarray(ASTRONAUT), kind.upper())
    with pytest.raises(UnreadableError) as caught:
        decoded(kind, content[: len(content) // 2])
    assert caught.value.code == "damaged"


def test_unknown_layouts_are_unsupported() -> None:
    """A floating-point TIFF of five channels is unsupported, a truncated one is damaged."""
    five = float_tiff(np.zeros((20, 20, 5), np.float32), photometric="minisblack", planarconfig="contig")
    with pytest.raises(UnreadableError) as caught:
        decoded("tiff", five)
    assert caught.value.code == "unsupported"
    whole = float_tiff(GREY / np.float32(255))
    with pytest.raises(UnreadableError) as caught:
        decoded("tiff", whole[: len(whole) // 2])
    assert caught.value.code == "damaged"


@pytest.mark.parametrize("kind", ["png", "heic"])
def test_enormous_pictures_are_reduced(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Above the limit the picture is averaged to a smaller one, with a remark."""
    monkeypatch.setattr(pictures_module, "FULL_PIXELS", 800)
    png = saved(Image.fromarray(SMALL), "PNG")
    picture = decoded(kind, png) if kind == "png" else decode_heic(*heic())[0]
    assert picture.size == (32, 24)
    assert picture.remarks == ("scaled_down",)


def test_decompression_bomb_is_refused() -> None:
    """A small PNG of 900 million pixels is too large, before any of it is decompressed."""
    content = bytearray(saved(Image.new("1", (8, 8)), "PNG"))
    content[16:24] = struct.pack(">II", 30000, 30000)
    content[29:33] = struct.pack(">I", crc32(content[12:29]))
    with pytest.raises(UnreadableError) as caught:
        decoded("png", bytes(content))
    assert caught.value.code == "too_large"


def heic(orientation: int = 1) -> tuple[BytesIO, int]:
    """Encode a small picture as HEIC, stored turned."""
    stored = np.rot90(SMALL, {1: 0, 6: 1}[orientation])
    exif = Image.Exif()
    exif[274] = orientation
    file = BytesIO()
    pillow_heif.from_pillow(Image.fromarray(stored)).save(file, quality=90, exif=exif.tobytes())
    return file, len(file.getvalue())


@pytest.mark.parametrize("orientation", [1, 6])
def test_heic_is_turned_once(orientation: int) -> None:
    """HEIC is turned by its decoder, once."""
    picture, exif = decode_heic(*heic(orientation))
    assert picture.size == (64, 48)
    assert np.abs(picture.render_working().astype(int) - SMALL).mean() < 8
    assert exif.startswith(b"Exif")


def test_truncated_heic_is_damaged() -> None:
    """Half a HEIC is refused."""
    file, size = heic()
    with pytest.raises(UnreadableError) as caught:
        decode_heic(BytesIO(file.getvalue()[: size // 2]), size // 2)
    assert caught.value.code == "damaged"


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (np.array([[0.0, 0.5, 1.0]]), [0, 128, 255]),
        (np.array([[0.0, 100.0, 255.0]]), [0, 100, 255]),
        (np.array([[-3.0, np.nan, np.inf, 1.0]]), [0, 0, 0, 255]),
        (np.array([[0, 32768, 65535]], np.uint16), [0, 128, 255]),
        (np.array([[0, 32768, 65535]], np.int32), [0, 128, 255]),
        (np.array([[0.0, 1e12]]), [0, 255]),
    ],
)
def test_values_are_scaled_to_eight_bits(values: np.ndarray, expected: list[int]) -> None:
    """The usual ranges are recognised; NaN is black."""
    assert to_eight_bits(values).ravel().tolist() == pytest.approx(expected, abs=3)


def test_highlights_of_hdr_are_clipped() -> None:
    """A few values above 1 do not darken the whole picture."""
    values = np.full((100, 100), 0.5, np.float32)
    values[0, :20] = 40
    assert to_eight_bits(values)[50, 50] == 128


GREY_VALUES = np.asarray(Image.fromarray(ASTRONAUT).convert("L"), np.uint16) * np.uint16(257)
COLOUR_VALUES = ASTRONAUT.astype(np.uint16) * np.uint16(257)


def written_tiff(values: np.ndarray, **options: object) -> bytes:
    """Write values as a TIFF with tifffile."""
    file = BytesIO()
    tifffile.imwrite(file, values, **options)
    return file.getvalue()


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        pytest.param(
            written_tiff(np.moveaxis(COLOUR_VALUES, -1, 0), photometric="rgb", planarconfig="separate"),
            ASTRONAUT,
            id="separate planes",
        ),
        pytest.param(
            written_tiff(np.invert(GREY_VALUES), photometric="miniswhite"),
            GREY_VALUES >> 8,
            id="white is zero",
        ),
        pytest.param(
            written_tiff(
                np.stack([GREY_VALUES, np.full_like(GREY_VALUES, 65535)], axis=-1),
                photometric="minisblack",
                planarconfig="contig",
                extrasamples=["unassalpha"],
            ),
            GREY_VALUES >> 8,
            id="grey and transparency",
        ),
        pytest.param(
            written_tiff((COLOUR_VALUES / 65535).astype(np.float16), photometric="rgb"),
            ASTRONAUT,
            id="half floats",
        ),
    ],
)
def test_unusual_tiffs_have_the_right_pixels(content: bytes, expected: np.ndarray) -> None:
    """Layouts of more than 8 bits that Pillow decodes to another picture, or not at all."""
    pixels = np.asarray(decoded("tiff", content).image.convert("RGB"), int)
    expected_rgb = expected if expected.ndim == 3 else np.stack([expected] * 3, axis=-1)
    assert np.abs(pixels - expected_rgb).mean() < 1.5


def test_whole_tiff_that_pillow_does_not_know_is_unsupported() -> None:
    """Its directory can be read, so it is not damaged."""
    content = written_tiff(np.zeros((20, 20, 6), np.uint8), photometric="minisblack", planarconfig="contig")
    with pytest.raises(UnreadableError) as caught:
        decoded("tiff", content)
    assert caught.value.code == "unsupported"


def test_light_above_white_is_clipped_with_the_curve_of_srgb() -> None:
    """Values above 1 are linear light: a grey of 18 % is not black, and white is white."""
    values = np.full((40, 40), 0.18, np.float32)
    values[:4] = 3.0
    pixels = to_eight_bits(values, linear=True)
    assert pixels[0, 0] == 255
    assert pixels[-1, 0] == pytest.approx(118, abs=2)
    assert to_eight_bits(values * 80)[-1, 0] == pytest.approx(14, abs=2)


def test_tiff_that_takes_too_much_memory_is_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Bytes count after unfolding: some megabytes of file may be gigabytes of numbers."""
    monkeypatch.setattr(errors_module, "_MAX_DECODED_BYTES", 20 * 20 * 3 * 4 - 1)
    content = float_tiff(np.zeros((20, 20, 3), np.float32), photometric="rgb")
    with pytest.raises(UnreadableError) as caught:
        decoded("tiff", content)
    assert caught.value.code == "too_large"


def hdr_heic(transfer: int, level: float) -> tuple[BytesIO, int]:
    """Encode a grey picture with 10 bits as HEIC, with PQ (16) or HLG (18) as its transfer."""
    values = np.full((64, 64, 3), round(level * 1023) << 6, np.uint16)
    heif = pillow_heif.from_bytes("RGB;16", (64, 64), values.tobytes())
    file = BytesIO()
    profile = {"color_primaries": 9, "transfer_characteristics": transfer, "matrix_coefficients": 9}
    heif.save(file, quality=95, **profile, full_range_flag=1)
    return file, len(file.getvalue())


@pytest.mark.parametrize(
    ("transfer", "level", "expected"),
    [(16, 0.58, 255), (16, 0.75, 255), (16, 0.38, 100), (18, 0.75, 255), (18, 0.38, 100)],
)
def test_hdr_heic_is_shown_with_its_white(transfer: int, level: float, expected: int) -> None:
    """White is 203 cd/m2: 58 % of PQ and 75 % of HLG (ITU-R BT.2408), where a grey card has 38 % of both."""
    picture, _ = decode_heic(*hdr_heic(transfer, level))
    assert np.asarray(picture.image).mean() == pytest.approx(expected, abs=8)


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P", "LAB", "CMYK", "L", "RGB", "1", "I;16", "I", "F"])
def test_reduction_by_strips_is_that_of_the_whole(mode: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Large pictures are converted strip by strip, with the same pixels as in one piece."""
    image = unusual_image(mode)
    whole = pictures_module._to_decoded_image(image, None).image
    monkeypatch.setattr(pictures_module, "FULL_PIXELS", image.width * image.height // 8)
    monkeypatch.setattr(pictures_module, "_ROWS", 7)
    reduced = pictures_module._to_decoded_image(image, None)
    assert reduced.remarks == ("scaled_down",)
    assert reduced.image.mode == whole.mode
    expected = np.asarray(whole.reduce(3), int)
    difference = np.abs(np.asarray(reduced.image, int) - expected)
    assert difference.max() <= (0 if mode not in ("RGBA", "LA") else 2)


def unusual_image(mode: str) -> Image.Image:
    """Return a picture with all tones in a mode, whose sides are no multiples of a strip."""
    picture = Image.fromarray(ASTRONAUT).crop((0, 0, 401, 299))
    if mode in ("I;16", "I", "F"):
        values = np.asarray(picture.convert("L"), np.uint16) * 257
        return Image.fromarray(values.astype({"I;16": np.uint16, "I": np.int32, "F": np.float32}[mode]))
    if mode == "LAB":
        lab = ImageCms.profileToProfile(
            picture, ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB"), outputMode="LAB"
        )
        assert lab is not None
        return lab
    converted = picture.convert(mode)
    if mode in ("RGBA", "LA"):
        converted.putalpha(Image.linear_gradient("L").resize(picture.size))
    return converted


def test_large_values_are_reduced_like_small_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    """A TIFF of floating-point numbers that is reduced strip by strip has the tones of a whole one."""
    content = float_tiff(ASTRONAUT.astype(np.float32) / 255, photometric="rgb")
    whole = decoded("tiff", content).image
    monkeypatch.setattr(pictures_module, "FULL_PIXELS", whole.width * whole.height // 8)
    monkeypatch.setattr(pictures_module, "_ROWS", 7)
    reduced = decoded("tiff", content)
    assert reduced.remarks == ("scaled_down",)
    assert np.array_equal(np.asarray(reduced.image), np.asarray(whole.reduce(3)))


@pytest.mark.parametrize(("kind", "limit"), [("webp", 12), ("heic", 7), ("png", 4)])
def test_memory_of_the_decoder_counts(kind: str, limit: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a library holds besides the picture is counted: one byte less is too little."""
    file = BytesIO()
    picture = Image.fromarray(SMALL)
    if kind == "heic":
        pillow_heif.from_pillow(picture).save(file)
    else:
        picture.save(file, kind)
    size = len(file.getvalue())
    decode = partial(decode_heic, file, size) if kind == "heic" else partial(decode_picture, kind, file, size)
    monkeypatch.setattr(errors_module, "_MAX_DECODED_BYTES", 64 * 48 * limit)
    decode()
    monkeypatch.setattr(errors_module, "_MAX_DECODED_BYTES", 64 * 48 * limit - 1)
    with pytest.raises(UnreadableError) as caught:
        decode()
    assert caught.value.code == "too_large"
