"""Taste: the probability that one photographer selects a photo, learned from earlier selects and rejects.

Profiles and their files, the features and heads that they use, and the harm bound, up to which one rejects.
"""
