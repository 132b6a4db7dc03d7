"""Training of networks: the training loop, batches, model scaling, export, and the taste's heads."""
