"""The daemon: an HTTP server for this machine only, stored jobs, and the thread that works on them."""
