"""Recipes: how each network is trained, and the registry of them."""
