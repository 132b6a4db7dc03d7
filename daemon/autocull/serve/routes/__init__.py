"""The routes of the daemon: one Flask blueprint per resource."""
