"""Fits the heads of a taste in a child process, so that TensorFlow's memory is freed afterwards."""

from __future__ import annotations

import os
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context

from autocull.arrays import Floats
from autocull.errors import TasteError
from autocull.learn.cross_validation import FitFunction
from autocull.taste import Heads


def fit_quietly(features: Floats, selected: Floats, weights: Floats, evidence: float) -> Heads:
    """Run `autocull.train.fitting.taste_heads.fit_heads` without the messages of TensorFlow."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # TensorFlow reads it when it is imported
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # for messages that ignore the level
    from autocull.train import fit_heads

    return fit_heads(features, selected, weights, evidence=evidence)


def fit_in_subprocess(
    features: Floats, selected: Floats, weights: Floats, evidence: float, fit: FitFunction = fit_quietly
) -> Heads:
    """Run `fit` in a child process and return the heads.

    Raises TasteError if the process dies, for example on a processor without the AVX that TensorFlow needs.
    """
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        try:
            return pool.submit(fit, features, selected, weights, evidence).result()
        except BrokenProcessPool as error:
            raise TasteError(
                "The training process ended unexpectedly. Run `autocull doctor` to check the installation."
            ) from error
