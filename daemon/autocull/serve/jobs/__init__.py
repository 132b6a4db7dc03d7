"""Jobs: model and tables, store for clients, queue for the runner, the runner and its two passes."""
