"""Training in a process of its own: TensorFlow is loaded there and nowhere else, and goes with it."""

from __future__ import annotations

import os
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context

from autocull.arrays import Floats
from autocull.errors import TasteError
from autocull.taste.heads import Heads


def fit_in_subprocess(features: Floats, selected: Floats, weights: Floats, evidence: float) -> Heads:
    """Do as `autocull.train.fitting.taste_heads.fit_heads` does, in a child process.

    Raises TasteError where the process dies (TensorFlow needs a processor with AVX, say).
    """
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        try:
            return pool.submit(_fit, features, selected, weights, evidence).result()
        except BrokenProcessPool as error:
            raise TasteError(
                "The process that learns ended by itself. Run `autocull doctor`, which checks TensorFlow."
            ) from error


def _fit(features: Floats, selected: Floats, weights: Floats, evidence: float) -> Heads:
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # before the import; only then it is heard
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # and what it says to itself all the same
    from autocull.train.fitting.taste_heads import fit_heads

    return fit_heads(features, selected, weights, evidence=evidence)
