"""Tests of the embedding recipe: the contrastive layer, the network and the dataset of view pairs."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from zipfile import ZipFile

import keras
import numpy as np
import pytest
from skimage import data

from autocull.measure.embedding import (
    DESCRIPTOR_SIZE,
    EMBEDDING_PREPROCESSING,
    VECTOR_SIZE,
    prepare_embedding_picture,
)
from autocull.train.recipes.base import Recipe
from autocull.train.recipes.embedding import ContrastiveLogits, EmbeddingDataset, EmbeddingRecipe

SIZE, GRID, MAX_SLOPE = (EMBEDDING_PREPROCESSING[key] for key in ("size", "grid", "steepest"))
CELLS = GRID**2
PICTURES = [np.ascontiguousarray(load()[::3, ::3]) for load in (data.astronaut, data.coffee)]
DATASET = EmbeddingDataset(PICTURES, ["a", "b"])


def unmoved_locations(batch: int) -> np.ndarray:
    """Return the locations of views in which nothing moved."""
    middles = (np.arange(GRID) + 0.5) / GRID
    cells = np.stack([*np.meshgrid(middles, middles), np.ones((GRID, GRID))], -1).reshape(-1, 3)
    return np.repeat(cells[None], batch, axis=0).astype(np.float32)


def match_log_p(
    first_vectors: Any,
    second_vectors: Any,
    first_patches: Any,
    second_patches: Any,
    locations: Any,
    **options: Any,
) -> np.ndarray:
    """Return the layer's log p of each pair."""
    inputs = [
        np.asarray(each, np.float32)
        for each in (first_vectors, second_vectors, first_patches, second_patches, locations)
    ]
    output = np.asarray(ContrastiveLogits(**options)(inputs))
    assert np.exp(output).sum(-1) == pytest.approx(np.ones(len(output)), abs=1e-4)
    return output[:, 0]


def random_patches(batch: int, seed: int = 0) -> np.ndarray:
    """Return random descriptors of unit length."""
    patches = np.random.default_rng(seed).normal(size=(batch, CELLS, DESCRIPTOR_SIZE))
    return patches / np.linalg.norm(patches, axis=-1, keepdims=True)


def test_matching_vectors_are_likely() -> None:
    """Equal orthogonal vectors have a log p near 0; those of another photo a very low one."""
    axes, patches, locations = np.eye(3, VECTOR_SIZE), random_patches(3), unmoved_locations(3)
    matching = match_log_p(axes, axes, patches, patches, locations, share=0.0)
    mismatched = match_log_p(axes, np.roll(axes, 1, axis=0), patches, patches, locations, share=0.0)
    assert matching.min() > -0.01
    assert mismatched.max() < -5


def test_matching_patches_are_likely() -> None:
    """Patches at their locations have a higher log p than random ones; locations outside do not count."""
    axes, patches, locations = np.eye(3, VECTOR_SIZE), random_patches(3), unmoved_locations(3)
    matching = match_log_p(axes, axes, patches, patches, locations, share=1.0, patch_temperature=0.05)
    mismatched = match_log_p(
        axes, axes, patches, random_patches(3, 1), locations, share=1.0, patch_temperature=0.05
    )
    assert (matching > mismatched + 3).all()
    half_visible = locations.copy()
    half_visible[:, : CELLS // 2, 2] = 0
    half_random = patches.copy()
    half_random[:, : CELLS // 2] = random_patches(3, 2)[:, : CELLS // 2]
    half_matching = match_log_p(
        axes, axes, half_random, patches, half_visible, share=1.0, patch_temperature=0.05
    )
    assert half_matching == pytest.approx(
        match_log_p(axes, axes, patches, patches, half_visible, share=1.0, patch_temperature=0.05), abs=1e-4
    )
    assert (
        match_log_p(axes, axes, half_random, patches, locations, share=1.0, patch_temperature=0.05)
        < half_matching - 1
    ).all()


def test_location_between_cells_is_shared() -> None:
    """A patch moved by half a cell matches its own and the next cell equally well."""
    axes, patches, locations = np.eye(2, VECTOR_SIZE), random_patches(2), unmoved_locations(2)
    locations[..., 0] += 0.5 / GRID
    locations[:, GRID - 1 :: GRID, 2] = 0  # beyond the last column there is none
    shifted = np.roll(patches.reshape(2, GRID, GRID, DESCRIPTOR_SIZE), 1, axis=2).reshape(patches.shape)
    own_cell = match_log_p(axes, axes, patches, patches, locations, share=1.0, patch_temperature=0.5)
    next_cell = match_log_p(axes, axes, patches, shifted, locations, share=1.0, patch_temperature=0.5)
    assert own_cell.mean() == pytest.approx(next_cell.mean(), abs=0.1)


def test_layer_is_restored_from_its_config() -> None:
    """The arguments of the constructor are in the configuration."""
    layer = ContrastiveLogits(temperature=0.2, patch_temperature=0.3, share=0.4)
    restored = ContrastiveLogits.from_config(layer.get_config())
    assert (restored.temperature, restored.patch_temperature, restored.share) == (0.2, 0.3, 0.4)


def test_stored_model_with_the_former_class_name_loads(tmp_path: Path) -> None:
    """A Keras file from before the layer and its module were renamed loads with its arguments."""
    inputs = [
        *(keras.Input((VECTOR_SIZE,), name=name) for name in ("v1", "v2")),
        *(keras.Input((CELLS, DESCRIPTOR_SIZE), name=name) for name in ("p1", "p2")),
        keras.Input((CELLS, 3), name="where"),
    ]
    layer = ContrastiveLogits(temperature=0.2, patch_temperature=0.3, share=0.4)
    keras.Model(inputs, layer(inputs)).save(tmp_path / "new.keras")
    with ZipFile(tmp_path / "new.keras") as new, ZipFile(tmp_path / "old.keras", "w") as old:
        for name in new.namelist():
            content = new.read(name)
            if name == "config.json":
                assert b'"autocull>KnownAgain"' in content
                content = content.replace(b'"ContrastiveLogits"', b'"KnownAgain"')
                content = content.replace(b"train.recipes.embedding", b"train.recipes.likeness")
            old.writestr(name, content)
    (restored,) = [
        each
        for each in keras.models.load_model(tmp_path / "old.keras").layers
        if isinstance(each, ContrastiveLogits)
    ]
    assert (restored.temperature, restored.patch_temperature, restored.share) == (0.2, 0.3, 0.4)


def test_network_takes_pairs_and_has_an_encoder() -> None:
    """It has three inputs in the order of a sample; the encoder returns vector and patches of unit length."""
    network = EmbeddingRecipe().build_network()
    assert [tensor.name for tensor in network.inputs] == ["first", "second", "where"]
    assert network.output_shape == (None, 2)
    encoder = network.get_layer("encoder")
    assert encoder.count_params() * 2 < 2 * 2**20
    output = encoder.predict(np.random.default_rng(0).normal(size=(2, SIZE, SIZE, 3)), verbose=0)
    assert output.shape == (2, VECTOR_SIZE + CELLS * DESCRIPTOR_SIZE)
    assert np.linalg.norm(output[:, :VECTOR_SIZE], axis=1) == pytest.approx(np.ones(2), abs=1e-4)
    norms = np.linalg.norm(output[:, VECTOR_SIZE:].reshape(2, CELLS, DESCRIPTOR_SIZE), axis=2)
    assert norms == pytest.approx(np.ones((2, CELLS)), abs=1e-4)
    assert isinstance(encoder, keras.Model)


def test_samples_are_prepared_as_in_use() -> None:
    """A sample is two prepared views and their locations: plain ones are fixed, augmented ones vary."""
    views = DATASET.sample_views(0, np.random.default_rng([7, 0]))
    first, second, locations = DATASET.plain(0).inputs
    assert (first == prepare_embedding_picture(views.first, MAX_SLOPE)).all()
    assert (second == prepare_embedding_picture(views.second, MAX_SLOPE)).all()
    assert (locations == views.locations).all()
    assert (DATASET.plain(0).inputs[0] == first).all()
    assert (DATASET.augmented(0, np.random.default_rng(1)).inputs[1] != second).any()
    assert DATASET.prepare_batch([views.first, views.second]).shape == (2, SIZE, SIZE, 3)


def test_dataset_may_hold_one_picture() -> None:
    """Without another picture, the occluder is a piece of the picture itself."""
    single = EmbeddingDataset(PICTURES[:1], ["a"])
    assert len(single) == 1
    assert single.plain(0).inputs[2].shape == (CELLS, 3)


def test_embedding_recipe_is_a_recipe() -> None:
    """It fulfils the protocol of recipes, so that the common training loop trains it."""
    recipe: Recipe = EmbeddingRecipe()
    assert recipe.preprocessing() == EMBEDDING_PREPROCESSING
    assert recipe.classes == ("vector", "patches")
