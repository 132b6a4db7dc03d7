"""Recipes: how each network is trained, and the registry of them."""

from __future__ import annotations

from importlib import import_module

from autocull.train.recipes.base import Recipe

RECIPES = {
    "eyes": "EyesRecipe",
    "focus": "FocusRecipe",
    "defects": "DefectsRecipe",
    "category": "CategoryRecipe",
}
"""For each trained network, the class of its recipe; the module in this package has the network's name."""


def make_recipe(name: str) -> Recipe:
    """Create the recipe of one of `RECIPES`; imports Keras."""
    result: Recipe = getattr(import_module(f"{__name__}.{name}"), RECIPES[name])()
    return result
