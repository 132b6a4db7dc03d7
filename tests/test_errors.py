"""The error tree: one shallow tree whose members say what happened, and survive a process boundary."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest

from autocull import errors
from autocull.errors import AutocullError, ModelError, PhotoError

TREE = [value for value in vars(errors).values() if isinstance(value, type) and issubclass(value, Exception)]


@pytest.mark.parametrize("kind", TREE, ids=lambda kind: kind.__name__)
def test_the_tree_is_shallow(kind: type[Exception]) -> None:
    """Every error is the root itself or its direct child, and is documented."""
    assert kind is AutocullError or kind.__bases__ == (AutocullError,)
    assert kind.__doc__


@pytest.mark.parametrize("kind", TREE, ids=lambda kind: kind.__name__)
def test_every_kind_has_a_code(kind: type[AutocullError]) -> None:
    """Programs can tell errors apart without reading the words."""
    assert kind.code.isidentifier()


def test_a_photo_error_crosses_a_process_boundary_whole() -> None:
    """Path, message and code arrive where the run collects them."""
    sent = PhotoError(Path("a b/é.NEF"), "The file is damaged.", code="damaged")
    got = pickle.loads(pickle.dumps(sent))
    assert isinstance(got, PhotoError)
    assert (got.path, got.message, got.code) == (sent.path, sent.message, sent.code)
    assert str(got) == sent.message


def test_a_model_error_crosses_a_process_boundary_whole() -> None:
    """A worker's missing model stops the run with its own words."""
    got = pickle.loads(pickle.dumps(ModelError(Path("models/eyes"), "It is missing. Install again.")))
    assert isinstance(got, ModelError)
    assert (got.path, got.message) == (Path("models/eyes"), "It is missing. Install again.")


def test_a_code_of_its_own_wins_over_the_kind() -> None:
    """One kind of error may carry several codes."""
    assert AutocullError("x", code="special").code == "special"
    assert AutocullError("x").code == "error"
