"""The daemon process: server, start and stop, command-line client, instance lock, runtime files, logging."""
