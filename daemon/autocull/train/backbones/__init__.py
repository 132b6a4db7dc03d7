"""Backbones: published image networks, built anew at a stated width, and the pretrained one."""
