"""The embedding detector: what is stored of a photo, how it is decoded, and that it finds similar photos."""

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
    EMBEDDING_PREPROCESSING,
    VECTOR_SIZE,
    EmbeddingDetector,
    difference_hash,
    hash_of,
    pack,
    patches_of,
    prepare_embedding_picture,
    squeeze,
    vector_of,
)
from autocull.measure.evidence import Embedding
from autocull.measure.models import Model, models_root
from autocull.read.photo import Photo, Pixels
from support.evidence_builders import make_embedding

SIZE, GRID, STEEPEST = (EMBEDDING_PREPROCESSING[key] for key in ("size", "grid", "steepest"))


def exposed(picture: Pixels, steps: float) -> Pixels:
    """Expose a picture by so many EV more: in linear light, clipped where the sensor saturates."""
    light = (picture.astype(np.float64) / 255) ** 2.2 * 2**steps
    return np.rint(255 * light.clip(0, 1) ** (1 / 2.2)).astype(np.uint8)


def differing_bits(first: str, other: str) -> int:
    """Count the bits by which two hashes differ."""
    return (int(first, 16) ^ int(other, 16)).bit_count()


def test_whole_picture_is_resized_to_a_square() -> None:
    """Both ends of a wide picture are included."""
    picture = np.zeros((50, 400, 3), np.uint8)
    picture[:, 200:] = 255
    small = squeeze(picture, SIZE)
    assert small.shape == (SIZE, SIZE, 3)
    assert small[:, : SIZE // 2 - 1].max() == 0
    assert small[:, SIZE // 2 + 1 :].min() == 255


@pytest.mark.parametrize("steps", [-3, -2, -1, 1])
def test_equalised_tones_hardly_depend_on_the_exposure(steps: float) -> None:
    """Equalised, the exposed photo is close to the original, where without equalisation it is far."""
    small = squeeze(data.coffee(), SIZE)
    other = exposed(small, steps)
    difference = np.abs(other.astype(float) - small).mean() / 127.5
    assert (
        np.abs(prepare_embedding_picture(other, STEEPEST) - prepare_embedding_picture(small, STEEPEST)).mean()
        < 0.25 * difference
    )


def test_contrast_is_limited() -> None:
    """The noise of a uniform wall is not stretched over all tones: its gain is at most the limit."""
    rng = np.random.default_rng(1)
    wall = np.rint(rng.normal(128, 1.5, (SIZE, SIZE, 1))).astype(np.uint8).repeat(3, axis=2)
    prepared = prepare_embedding_picture(wall, STEEPEST)
    assert prepared.dtype == np.float32
    assert np.abs(prepared).max() <= 1
    assert prepared.std() < 1.1 * STEEPEST * 1.5 / 127.5
    assert prepare_embedding_picture(wall, 1.5).std() < 0.4 * prepared.std()


def test_hues_are_kept() -> None:
    """One table for all channels: the strongest channel stays the strongest."""
    small = squeeze(data.astronaut(), SIZE)
    assert (prepare_embedding_picture(small, STEEPEST).argmax(2) == small.argmax(2)).mean() > 0.98


def test_hash_bits_are_set_where_the_picture_gets_brighter() -> None:
    """A ramp to the right gives ones, one to the left zeros, row by row; always sixteen digits."""
    ramp = np.linspace(0, 255, SIZE).astype(np.uint8)[None, :, None]
    brighter = np.broadcast_to(ramp, (SIZE, SIZE, 3))
    darker = brighter[:, ::-1]
    assert difference_hash(np.ascontiguousarray(brighter)) == "f" * 16
    assert difference_hash(np.ascontiguousarray(darker)) == "0" * 16
    half = np.concatenate([brighter[: SIZE // 2], darker[SIZE // 2 :]])
    assert difference_hash(half) == "f" * 8 + "0" * 8


def test_hashes_of_copies_are_similar() -> None:
    """A smaller copy differs by a few bits; another photo by many."""
    photo = data.astronaut()
    copy = np.asarray(Image.fromarray(photo).resize((200, 200)))
    first, of_copy, other = (difference_hash(squeeze(each, SIZE)) for each in (photo, copy, data.coffee()))
    assert differing_bits(first, of_copy) <= 4
    assert differing_bits(first, other) >= 16


@given(st.lists(st.floats(-1, 1, width=32), min_size=VECTOR_SIZE, max_size=VECTOR_SIZE))
def test_packed_vector_is_decoded(numbers: list[float]) -> None:
    """Within a byte's rounding, and of unit length unless it is all zeros."""
    vector = np.array(numbers, np.float32)
    read = vector_of(Embedding(vector=pack(vector)))
    assert read.shape == (VECTOR_SIZE,)
    assert read.dtype == np.float32
    length = np.linalg.norm(np.rint(vector * 127))
    assert np.linalg.norm(read) == pytest.approx(1 if length else 0, abs=1e-5)
    assert read * length / 127 == pytest.approx(vector, abs=0.6 / 127)


def test_undefined_vector_is_packed_as_zeros() -> None:
    """A network output of zeros has no direction (0 / 0): such a vector is similar to none."""
    read = vector_of(Embedding(vector=pack(np.full(VECTOR_SIZE, np.nan, np.float32))))
    assert not read.any()


def test_patches_are_decoded_with_their_positions() -> None:
    """A grid over the whole picture, row by row from the upper left; descriptors of unit length."""
    positions, descriptors = patches_of(make_embedding())
    assert positions.shape == (GRID**2, 2)
    assert descriptors.shape == (GRID**2, DESCRIPTOR_SIZE)
    assert positions.dtype == descriptors.dtype == np.float32
    half = 0.5 / GRID
    assert positions[0].tolist() == pytest.approx([half, half])
    assert positions[1].tolist() == pytest.approx([3 * half, half])
    assert positions[-1].tolist() == pytest.approx([1 - half, 1 - half])
    assert np.linalg.norm(descriptors, axis=1) == pytest.approx(np.ones(GRID**2), abs=1e-5)


def test_empty_embedding_is_an_error() -> None:
    """A photo of a fixture cannot be compared, and is not taken for one that is similar to none."""
    for read in (vector_of, patches_of):
        with pytest.raises(ValueError, match="embedding is empty"):
            read(Embedding())


def test_embedding_is_small() -> None:
    """Ten thousand are read and judged in two seconds: less than 3.5 kB each, as ASCII."""
    embedding = make_embedding()
    text = embedding.hash + embedding.vector + embedding.patches
    assert text.isascii()
    assert len(text) < 3_500
    assert hash_of(embedding) < 2**64


class Recorder:
    """A network that returns fixed axes, and records its inputs."""

    def __init__(self) -> None:
        self.inputs: list[NDArray[np.float32]] = []

    def __call__(self, picture: NDArray[np.float32]) -> list[NDArray[np.float32]]:
        """Return the first axis as the vector, the second one as every descriptor."""
        self.inputs.append(picture)
        output = np.concatenate([np.eye(VECTOR_SIZE)[0], np.tile(np.eye(DESCRIPTOR_SIZE)[1], GRID**2)])
        return [output[None].astype(np.float32)]


@pytest.fixture
def network() -> Recorder:
    """Return a new network."""
    return Recorder()


@pytest.fixture
def detector(tmp_path: Path, network: Recorder, monkeypatch: pytest.MonkeyPatch) -> EmbeddingDetector:
    """Return a detector with that network in place of the trained one."""
    folder = tmp_path / "likeness"
    folder.mkdir()
    classes = ["vector", "patches"]
    config = {
        "name": "likeness",
        "version": "7",
        "classes": classes,
        "preprocessing": EMBEDDING_PREPROCESSING,
    }
    (folder / "config.json").write_text(json.dumps(config), "utf-8")
    monkeypatch.setattr(Model, "network", lambda model: network)
    return EmbeddingDetector(tmp_path)


def test_output_is_split_into_vector_and_patches(detector: EmbeddingDetector, network: Recorder) -> None:
    """Vector first, then patches; the hash is that of the squeezed picture, the input the prepared one."""
    photo = Photo.from_pixels(data.astronaut())
    result = detector.measure(photo)
    assert vector_of(result).argmax() == 0
    assert set(patches_of(result)[1].argmax(1).tolist()) == {1}
    small = squeeze(photo.working, SIZE)
    assert result.hash == difference_hash(small)
    assert (network.inputs[0][0] == prepare_embedding_picture(small, STEEPEST)).all()


def test_version_is_the_models_version(detector: EmbeddingDetector) -> None:
    """The version comes from the model's configuration."""
    assert detector.version == "7"


def test_missing_model_is_an_error_with_the_remedy(tmp_path: Path) -> None:
    """Nothing is loaded before the first photo, and then the message names the training command."""
    with pytest.raises(ModelError, match="autocull train likeness"):
        EmbeddingDetector(tmp_path).measure(Photo.from_pixels(data.astronaut()))


@pytest.fixture(scope="module")
def trained() -> EmbeddingDetector:
    """Return the detector with the shipped weights."""
    return EmbeddingDetector(models_root())


def cosine(detector: EmbeddingDetector, first: Pixels, other: Pixels) -> float:
    """Return the cosine similarity of two pictures' vectors."""
    first, second = (vector_of(detector.measure(Photo.from_pixels(each))) for each in (first, other))
    return float(first @ second)


@pytest.mark.parametrize("steps", [-3, 2])
def test_trained_vector_is_stable_under_exposure(trained: EmbeddingDetector, steps: float) -> None:
    """Three EV darker, two brighter: more similar than any other photo."""
    photo = data.coffee()
    assert cosine(trained, photo, exposed(photo, steps)) > 0.8
    assert cosine(trained, photo, data.chelsea()) < 0.6


def test_trained_patches_match_a_shifted_crop(trained: EmbeddingDetector) -> None:
    """Two crops of a photo, a quarter of it apart: most patches match a quarter further."""
    photo = data.astronaut()
    left, right = photo[:, :384], photo[:, 128:]
    positions, left_descriptors = patches_of(trained.measure(Photo.from_pixels(left)))
    _, right_descriptors = patches_of(trained.measure(Photo.from_pixels(right)))
    matches = positions[(left_descriptors @ right_descriptors.T).argmax(1)]
    common = positions[:, 0] > 128 / 384
    errors = np.abs(matches - (positions - [128 / 384, 0])).max(1)[common]
    assert (errors < 1.5 / GRID).mean() > 0.6


def test_results_do_not_depend_on_earlier_photos(trained: EmbeddingDetector) -> None:
    """The same photo has the same result, whatever was measured in between."""
    cat, cup = Photo.from_pixels(data.chelsea()), Photo.from_pixels(data.coffee())
    first = trained.measure(cat)
    trained.measure(cup)
    assert trained.measure(cat) == first


@pytest.mark.parametrize("shape", [(683, 1024), (1024, 683), (1024, 1024), (3000, 200)])
def test_squeezing_a_large_picture_averages_it(shape: tuple[int, int]) -> None:
    """Skipping rows, and averaging in two steps, changes the result only slightly."""
    large = Image.fromarray(data.coffee()).resize(shape[::-1], Image.Resampling.BICUBIC)
    exact = np.asarray(large.resize((SIZE, SIZE), Image.Resampling.BOX))
    small = squeeze(np.asarray(large), SIZE)
    assert np.abs(small.astype(float) - exact).mean() < 3
    assert differing_bits(difference_hash(small), difference_hash(exact)) <= 3
