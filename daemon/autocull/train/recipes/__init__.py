"""The recipes of the members that are trained here."""

from __future__ import annotations

from importlib import import_module

from autocull.train.recipes.base import Recipe

RECIPES = {
    "eyes": "EyesRecipe",
    "focus": "FocusRecipe",
    "defects": "DefectsRecipe",
    "category": "CategoryRecipe",
}
"""The members that are trained: the name of each is that of its module here, the value that of its class."""


def make_recipe(name: str) -> Recipe:
    """Make the recipe of one of `RECIPES`; imports Keras."""
    result: Recipe = getattr(import_module(f"{__name__}.{name}"), RECIPES[name])()
    return result
