"""Learnings: the training of a taste in a child process, started over the protocol."""
