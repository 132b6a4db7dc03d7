"""Manifests, label vocabulary, image loading."""
