"""The regression guard: floors under what the shipped networks measure, so that none gets worse unseen."""
