"""Likeness: what is stored of a photo's look, how it is read, and that the shipped network knows photos."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image
from skimage import data

from autocull.errors import ModelError
from autocull.measure.embedding import (
    DESCRIPTOR_SIZE,
    PREPROCESSING,
    VECTOR_SIZE,
    EmbeddingDetector,
    difference_hash,
    hash_of,
    pack,
    patches_of,
    prepare,
    squeeze,
    vector_of,
)
from autocull.measure.evidence import Embedding
from autocull.measure.models import Model, models_root
from autocull.read.photo import Photo, Pixels
from support.evidence_builders import likeness

SIZE, GRID, STEEPEST = (PREPROCESSING[key] for key in ("size", "grid", "steepest"))


def exposed(picture: Pixels, steps: float) -> Pixels:
    """Expose a picture by so many EV more: in linear light, clipped where the sensor is full."""
    light = (picture.astype(np.float64) / 255) ** 2.2 * 2**steps
    return np.rint(255 * light.clip(0, 1) ** (1 / 2.2)).astype(np.uint8)


def bits_apart(one: str, other: str) -> int:
    """Count the bits by which two hashes differ."""
    return (int(one, 16) ^ int(other, 16)).bit_count()


def test_the_whole_picture_is_squeezed_into_a_square() -> None:
    """Both ends of a wide picture are still there."""
    picture = np.zeros((50, 400, 3), np.uint8)
    picture[:, 200:] = 255
    small = squeeze(picture, SIZE)
    assert small.shape == (SIZE, SIZE, 3)
    assert small[:, : SIZE // 2 - 1].max() == 0
    assert small[:, SIZE // 2 + 1 :].min() == 255


@pytest.mark.parametrize("steps", [-3, -2, -1, 1])
def test_the_network_hardly_sees_the_exposure(steps: float) -> None:
    """Evened tones are nearly those of the photo as it was, where the plain tones are far from it."""
    small = squeeze(data.coffee(), SIZE)
    other = exposed(small, steps)
    plain = np.abs(other.astype(float) - small).mean() / 127.5
    assert np.abs(prepare(other, STEEPEST) - prepare(small, STEEPEST)).mean() < 0.25 * plain


def test_what_is_even_stays_so() -> None:
    """A plain wall's noise is not stretched over all tones: none gains more than `steepest` allows."""
    rng = np.random.default_rng(1)
    wall = np.rint(rng.normal(128, 1.5, (SIZE, SIZE, 1))).astype(np.uint8).repeat(3, axis=2)
    prepared = prepare(wall, STEEPEST)
    assert prepared.dtype == np.float32
    assert np.abs(prepared).max() <= 1
    assert prepared.std() < 1.1 * STEEPEST * 1.5 / 127.5
    assert prepare(wall, 1.5).std() < 0.4 * prepared.std()


def test_colours_stay() -> None:
    """The table is one for all channels: what was red is red."""
    small = squeeze(data.astronaut(), SIZE)
    assert (prepare(small, STEEPEST).argmax(2) == small.argmax(2)).mean() > 0.98


def test_the_hash_says_where_it_darkens_to_the_right() -> None:
    """A ramp to the right gives ones, one to the left zeros, row by row; sixteen digits always."""
    ramp = np.linspace(0, 255, SIZE).astype(np.uint8)[None, :, None]
    brighter = np.broadcast_to(ramp, (SIZE, SIZE, 3))
    darker = brighter[:, ::-1]
    assert difference_hash(np.ascontiguousarray(brighter)) == "f" * 16
    assert difference_hash(np.ascontiguousarray(darker)) == "0" * 16
    half = np.concatenate([brighter[: SIZE // 2], darker[SIZE // 2 :]])
    assert difference_hash(half) == "f" * 8 + "0" * 8


def test_copies_hash_alike_and_strangers_do_not() -> None:
    """A smaller copy, saved again, differs by a few bits; another photo by many."""
    photo = data.astronaut()
    copy = np.asarray(Image.fromarray(photo).resize((200, 200)))
    one, again, other = (difference_hash(squeeze(each, SIZE)) for each in (photo, copy, data.coffee()))
    assert bits_apart(one, again) <= 4
    assert bits_apart(one, other) >= 16


@given(st.lists(st.floats(-1, 1, width=32), min_size=VECTOR_SIZE, max_size=VECTOR_SIZE))
def test_a_vector_comes_back_as_it_was_written(numbers: list[float]) -> None:
    """Within a byte's rounding, and of unit length but where it is all zeros."""
    given_vector = np.array(numbers, np.float32)
    read = vector_of(Embedding(vector=pack(given_vector)))
    assert read.shape == (VECTOR_SIZE,)
    assert read.dtype == np.float32
    length = np.linalg.norm(np.rint(given_vector * 127))
    assert np.linalg.norm(read) == pytest.approx(1 if length else 0, abs=1e-5)
    assert read * length / 127 == pytest.approx(given_vector, abs=0.6 / 127)


def test_what_points_nowhere_is_written_as_zeros() -> None:
    """A network that answers only zeros has no direction (0 / 0): such a vector is like no other."""
    read = vector_of(Embedding(vector=pack(np.full(VECTOR_SIZE, np.nan, np.float32))))
    assert not read.any()


def test_patches_come_back_with_their_places() -> None:
    """A grid over the whole picture, row by row from the upper left; descriptors of unit length."""
    places, descriptors = patches_of(likeness())
    assert places.shape == (GRID**2, 2)
    assert descriptors.shape == (GRID**2, DESCRIPTOR_SIZE)
    assert places.dtype == descriptors.dtype == np.float32
    half = 0.5 / GRID
    assert places[0].tolist() == pytest.approx([half, half])
    assert places[1].tolist() == pytest.approx([3 * half, half])
    assert places[-1].tolist() == pytest.approx([1 - half, 1 - half])
    assert np.linalg.norm(descriptors, axis=1) == pytest.approx(np.ones(GRID**2), abs=1e-5)


def test_an_empty_likeness_is_told() -> None:
    """What was never compared (a fixture's photo) does not pass for a photo like no other."""
    for read in (vector_of, patches_of):
        with pytest.raises(ValueError, match="embedding is empty"):
            read(Embedding())


def test_a_likeness_is_small() -> None:
    """Ten thousand of them are read and judged in two seconds: less than 3.5 kB each, as ASCII."""
    made = likeness()
    text = made.hash + made.vector + made.patches
    assert text.isascii()
    assert len(text) < 3_500
    assert hash_of(made) < 2**64


class Recorder:
    """A network that answers with a ramp, and keeps its inputs."""

    def __init__(self) -> None:
        self.seen: list[NDArray[np.float32]] = []

    def __call__(self, picture: NDArray[np.float32]) -> list[NDArray[np.float32]]:
        """Answer the vector as the first axis, every patch as the second one."""
        self.seen.append(picture)
        answer = np.concatenate([np.eye(VECTOR_SIZE)[0], np.tile(np.eye(DESCRIPTOR_SIZE)[1], GRID**2)])
        return [answer[None].astype(np.float32)]


@pytest.fixture
def network() -> Recorder:
    """A fresh network."""
    return Recorder()


@pytest.fixture
def member(tmp_path: Path, network: Recorder, monkeypatch: pytest.MonkeyPatch) -> EmbeddingDetector:
    """A member with that network in the place of the trained one."""
    folder = tmp_path / "likeness"
    folder.mkdir()
    classes = ["vector", "patches"]
    config = {"name": "likeness", "version": "7", "classes": classes, "preprocessing": PREPROCESSING}
    (folder / "config.json").write_text(json.dumps(config), "utf-8")
    monkeypatch.setattr(Model, "network", lambda model: network)
    return EmbeddingDetector(tmp_path)


def test_the_answer_is_written_part_by_part(member: EmbeddingDetector, network: Recorder) -> None:
    """Vector first, then patches; the picture went in as it was prepared, and gave the hash."""
    photo = Photo.from_pixels(data.astronaut())
    found = member.measure(photo)
    assert vector_of(found).argmax() == 0
    assert set(patches_of(found)[1].argmax(1).tolist()) == {1}
    small = squeeze(photo.working, SIZE)
    assert found.hash == difference_hash(small)
    assert (network.seen[0][0] == prepare(small, STEEPEST)).all()


def test_version_is_the_models_version(member: EmbeddingDetector) -> None:
    """The version comes from the model's configuration."""
    assert member.version == "7"


def test_a_missing_model_is_named(tmp_path: Path) -> None:
    """Nothing is loaded before the first photo, and then the message says what to do."""
    with pytest.raises(ModelError, match="autocull train likeness"):
        EmbeddingDetector(tmp_path).measure(Photo.from_pixels(data.astronaut()))


@pytest.fixture(scope="module")
def shipped() -> EmbeddingDetector:
    """The member with the weights that ship."""
    return EmbeddingDetector(models_root())


def cosine(member: EmbeddingDetector, one: Pixels, other: Pixels) -> float:
    """Compare the vectors of two pictures."""
    first, second = (vector_of(member.measure(Photo.from_pixels(each))) for each in (one, other))
    return float(first @ second)


@pytest.mark.parametrize("steps", [-3, 2])
def test_the_shipped_network_knows_a_photo_under_another_exposure(
    shipped: EmbeddingDetector, steps: float
) -> None:
    """Three steps darker, two brighter: nearer than any other photo."""
    photo = data.coffee()
    assert cosine(shipped, photo, exposed(photo, steps)) > 0.8
    assert cosine(shipped, photo, data.chelsea()) < 0.6


def test_the_shipped_network_knows_what_moved_where(shipped: EmbeddingDetector) -> None:
    """Two cuts of a photo, a quarter of it apart: most patches are found again a quarter further."""
    photo = data.astronaut()
    left, right = photo[:, :384], photo[:, 128:]
    places, here = patches_of(shipped.measure(Photo.from_pixels(left)))
    _, there = patches_of(shipped.measure(Photo.from_pixels(right)))
    found = places[(here @ there.T).argmax(1)]
    shown = places[:, 0] > 128 / 384
    apart = np.abs(found - (places - [128 / 384, 0])).max(1)[shown]
    assert (apart < 1.5 / GRID).mean() > 0.6


def test_one_photo_one_answer(shipped: EmbeddingDetector) -> None:
    """The same photo is answered alike, whatever was measured in between."""
    cat, cup = Photo.from_pixels(data.chelsea()), Photo.from_pixels(data.coffee())
    first = shipped.measure(cat)
    shipped.measure(cup)
    assert shipped.measure(cat) == first


@pytest.mark.parametrize("shape", [(683, 1024), (1024, 683), (1024, 1024), (3000, 200)])
def test_a_large_picture_is_squeezed_as_if_all_of_it_were_averaged(shape: tuple[int, int]) -> None:
    """Rows that are stepped over, and the averaging in two steps, change next to nothing."""
    large = Image.fromarray(data.coffee()).resize(shape[::-1], Image.Resampling.BICUBIC)
    exact = np.asarray(large.resize((SIZE, SIZE), Image.Resampling.BOX))
    small = squeeze(np.asarray(large), SIZE)
    assert np.abs(small.astype(float) - exact).mean() < 3
    assert bits_apart(difference_hash(small), difference_hash(exact)) <= 3
