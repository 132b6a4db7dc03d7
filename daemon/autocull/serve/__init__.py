"""Serve: the daemon: a web application on this machine alone, its durable jobs, and the thread that works."""
