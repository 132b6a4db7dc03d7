"""Series: which photos belong together, from the evidence of many; pure functions, no opinion on a photo."""
