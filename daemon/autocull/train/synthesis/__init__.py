"""Synthesis of training images: cameras, blur, flare, defects, views."""
