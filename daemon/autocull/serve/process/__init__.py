"""The daemon process: server, lifecycle, client, lock, logging."""
