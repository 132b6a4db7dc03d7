"""Run: the shell around the pure core: worker processes, the store, and one culling run."""
