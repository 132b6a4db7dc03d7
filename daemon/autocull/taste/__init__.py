"""Taste: how likely one photographer would select a photo, learned from what she kept before."""
