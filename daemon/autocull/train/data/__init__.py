"""Training data: manifests, the labels that they may hold, and reading of images."""
