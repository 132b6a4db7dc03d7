"""Registry of the recipes: how each network is trained, by its public name."""

from __future__ import annotations

from importlib import import_module
from typing import NamedTuple

from autocull.train.recipes.base import Recipe


class RecipeEntry(NamedTuple):
    """Where a recipe is defined: its module in this package, and the name of its class."""

    module: str
    class_name: str


RECIPES = {
    "eyes": RecipeEntry("eyes", "EyesRecipe"),
    "focus": RecipeEntry("focus", "FocusRecipe"),
    "defects": RecipeEntry("defects", "DefectsRecipe"),
    "category": RecipeEntry("category", "CategoryRecipe"),
    "likeness": RecipeEntry("embedding", "EmbeddingRecipe"),
}
"""The recipe of each trained network, by the public name of the network, which its model folder has too."""


def make_recipe(name: str) -> Recipe:
    """Create the recipe of the network `name`, one of `RECIPES`; imports Keras."""
    module, class_name = RECIPES[name]
    recipe: Recipe = getattr(import_module(f"{__package__}.{module}"), class_name)()
    return recipe
