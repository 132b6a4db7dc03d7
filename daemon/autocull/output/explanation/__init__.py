"""The explanation picture of one photo."""
