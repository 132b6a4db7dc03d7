"""The command `cull`."""
