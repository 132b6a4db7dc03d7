"""Synthesis of training images: cameras, blur, flare, defects, hard negatives, view pairs, augmentation."""
