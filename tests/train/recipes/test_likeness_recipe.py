"""The likeness recipe: what is rewarded is to know a photo and its places again, and nothing else."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
from skimage import data

from autocull.measure.embedding import DESCRIPTOR_SIZE, PREPROCESSING, VECTOR_SIZE, prepare
from autocull.train.recipes.base import Recipe
from autocull.train.recipes.embedding import EmbeddingDataset, EmbeddingRecipe, KnownAgain

SIZE, GRID, STEEPEST = (PREPROCESSING[key] for key in ("size", "grid", "steepest"))
CELLS = GRID**2
PART = EmbeddingDataset(
    [np.ascontiguousarray(p()[::3, ::3]) for p in (data.astronaut, data.coffee)], ["a", "b"]
)


def at_their_places(batch: int) -> np.ndarray:
    """Views in which nothing moved."""
    middles = (np.arange(GRID) + 0.5) / GRID
    cells = np.stack([*np.meshgrid(middles, middles), np.ones((GRID, GRID))], -1).reshape(-1, 3)
    return np.repeat(cells[None], batch, axis=0).astype(np.float32)


def log_p(vectors: Any, others: Any, patches: Any, moved: Any, where: Any, **made: Any) -> np.ndarray:
    """Ask the layer for log p of each pair."""
    inputs = [np.asarray(each, np.float32) for each in (vectors, others, patches, moved, where)]
    said = np.asarray(KnownAgain(**made)(inputs))
    assert np.exp(said).sum(-1) == pytest.approx(np.ones(len(said)), abs=1e-4)
    return said[:, 0]


def patches_by_chance(batch: int, seed: int = 0) -> np.ndarray:
    """Descriptors of unit length."""
    drawn = np.random.default_rng(seed).normal(size=(batch, CELLS, DESCRIPTOR_SIZE))
    return drawn / np.linalg.norm(drawn, axis=-1, keepdims=True)


def test_who_knows_the_photo_again_is_rewarded() -> None:
    """Each photo an axis: the other view is sure; the neighbour's axis: it is not at all."""
    axes, patches, where = np.eye(3, VECTOR_SIZE), patches_by_chance(3), at_their_places(3)
    right = log_p(axes, axes, patches, patches, where, share=0.0)
    wrong = log_p(axes, np.roll(axes, 1, axis=0), patches, patches, where, share=0.0)
    assert right.min() > -0.01
    assert wrong.max() < -5


def test_who_knows_the_places_again_is_rewarded() -> None:
    """Patches where they were are better than patches anywhere; places outside do not count."""
    axes, patches, where = np.eye(3, VECTOR_SIZE), patches_by_chance(3), at_their_places(3)
    right = log_p(axes, axes, patches, patches, where, share=1.0, patch_heat=0.05)
    wrong = log_p(axes, axes, patches, patches_by_chance(3, 1), where, share=1.0, patch_heat=0.05)
    assert (right > wrong + 3).all()
    half = where.copy()
    half[:, : CELLS // 2, 2] = 0
    broken = patches.copy()
    broken[:, : CELLS // 2] = patches_by_chance(3, 2)[:, : CELLS // 2]
    seen = log_p(axes, axes, broken, patches, half, share=1.0, patch_heat=0.05)
    assert seen == pytest.approx(
        log_p(axes, axes, patches, patches, half, share=1.0, patch_heat=0.05), abs=1e-4
    )
    assert (log_p(axes, axes, broken, patches, where, share=1.0, patch_heat=0.05) < seen - 1).all()


def test_a_place_between_cells_belongs_to_both() -> None:
    """Half a cell further, the patch's own and the next cell are equally right."""
    axes, patches, where = np.eye(2, VECTOR_SIZE), patches_by_chance(2), at_their_places(2)
    where[..., 0] += 0.5 / GRID
    where[:, GRID - 1 :: GRID, 2] = 0  # beyond the last column there is none
    shifted = np.roll(patches.reshape(2, GRID, GRID, DESCRIPTOR_SIZE), 1, axis=2).reshape(patches.shape)
    one = log_p(axes, axes, patches, patches, where, share=1.0, patch_heat=0.5)
    other = log_p(axes, axes, patches, shifted, where, share=1.0, patch_heat=0.5)
    assert one.mean() == pytest.approx(other.mean(), abs=0.1)


def test_the_layer_survives_a_checkpoint() -> None:
    """What it was made of is written and read."""
    made = KnownAgain(heat=0.2, patch_heat=0.3, share=0.4)
    again = KnownAgain.from_config(made.get_config())
    assert (again.temperature, again.patch_temperature, again.share) == (0.2, 0.3, 0.4)


def test_the_network_takes_pairs_and_its_half_is_served() -> None:
    """Three inputs in the order of an example; the encoder gives vector and patches of unit length."""
    network = EmbeddingRecipe().build_network()
    assert [tensor.name for tensor in network.inputs] == ["first", "second", "where"]
    assert network.output_shape == (None, 2)
    encoder = network.get_layer("encoder")
    assert encoder.count_params() * 2 < 2 * 2**20
    answer = encoder.predict(np.random.default_rng(0).normal(size=(2, SIZE, SIZE, 3)), verbose=0)
    assert answer.shape == (2, VECTOR_SIZE + CELLS * DESCRIPTOR_SIZE)
    assert np.linalg.norm(answer[:, :VECTOR_SIZE], axis=1) == pytest.approx(np.ones(2), abs=1e-4)
    lengths = np.linalg.norm(answer[:, VECTOR_SIZE:].reshape(2, CELLS, DESCRIPTOR_SIZE), axis=2)
    assert lengths == pytest.approx(np.ones((2, CELLS)), abs=1e-4)
    assert isinstance(encoder, keras.Model)


def test_examples_are_prepared_as_in_use() -> None:
    """Two prepared views and their places; always the same pair for the figures, another at every draw."""
    views = PART.sample_views(0, np.random.default_rng([7, 0]))
    first, second, where = PART.plain(0).inputs
    assert (first == prepare(views.first, STEEPEST)).all()
    assert (second == prepare(views.second, STEEPEST)).all()
    assert (where == views.locations).all()
    assert (PART.plain(0).inputs[0] == first).all()
    assert (PART.augmented(0, np.random.default_rng(1)).inputs[1] != second).any()
    assert PART.prepare_batch([views.first, views.second]).shape == (2, SIZE, SIZE, 3)


def test_a_picture_alone_is_a_part_too() -> None:
    """Where there is no other picture, the visitor is the picture itself."""
    alone = EmbeddingDataset(PART._pictures[:1], ["a"])
    assert len(alone) == 1
    assert alone.plain(0).inputs[2].shape == (CELLS, 3)


def test_it_is_a_recipe() -> None:
    """The loop that trains all members trains it as well."""
    recipe: Recipe = EmbeddingRecipe()
    assert recipe.preprocessing() == PREPROCESSING
    assert recipe.classes == ("vector", "patches")
