"""Learnings: trainings of a taste as child processes."""
