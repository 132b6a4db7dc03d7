"""Jobs: model, store, queue, both passes, runner."""
