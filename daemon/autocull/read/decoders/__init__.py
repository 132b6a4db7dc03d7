"""Decoders of JPEG, RAW and the other image formats into stored pixels."""
