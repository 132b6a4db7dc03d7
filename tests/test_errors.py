"""The error tree: shallow, with codes, and picklable; and what may be reported of other exceptions."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest

from autocull import errors
from autocull.errors import AutocullError, ModelError, PhotoError, exception_origin, strip_paths

TREE = [value for value in vars(errors).values() if isinstance(value, type) and issubclass(value, Exception)]


@pytest.mark.parametrize("error_class", TREE, ids=lambda error_class: error_class.__name__)
def test_tree_is_shallow(error_class: type[Exception]) -> None:
    """Every error is the root or its direct subclass, and has a docstring."""
    assert error_class is AutocullError or error_class.__bases__ == (AutocullError,)
    assert error_class.__doc__


@pytest.mark.parametrize("error_class", TREE, ids=lambda error_class: error_class.__name__)
def test_every_error_has_a_code(error_class: type[AutocullError]) -> None:
    """Programs can distinguish errors without reading messages."""
    assert error_class.code.isidentifier()


def test_photo_error_is_picklable() -> None:
    """Path, message and code arrive."""
    original = PhotoError(Path("a b/é.NEF"), "The file is damaged.", code="damaged")
    unpickled = pickle.loads(pickle.dumps(original))
    assert isinstance(unpickled, PhotoError)
    assert (unpickled.path, unpickled.message, unpickled.code) == (
        original.path,
        original.message,
        original.code,
    )
    assert str(unpickled) == original.message


def test_model_error_is_picklable() -> None:
    """Path and message arrive."""
    unpickled = pickle.loads(pickle.dumps(ModelError(Path("models/eyes"), "It is missing. Install again.")))
    assert isinstance(unpickled, ModelError)
    assert (unpickled.path, unpickled.message) == (Path("models/eyes"), "It is missing. Install again.")


def test_code_of_an_instance_wins_over_its_class() -> None:
    """One class of errors may have several codes."""
    assert AutocullError("x", code="special").code == "special"
    assert AutocullError("x").code == "error"


def test_exception_origin_has_type_function_and_line() -> None:
    """And neither the message nor a path."""
    try:
        raise ValueError("/home/jane/secret")
    except ValueError as error:
        origin = exception_origin(error)
    assert origin.startswith(
        "ValueError in test_exception_origin_has_type_function_and_line (test_errors.py:"
    )
    assert "secret" not in origin
    assert str(Path(__file__).parent) not in origin
    assert exception_origin(KeyError("never raised")) == "KeyError"


def test_stripped_path_keeps_file_and_folder_name() -> None:
    """So that the file can be found."""
    path = Path("/opt/x/models/focus/model.tflite")
    text = f"The model file {path} is missing."
    assert strip_paths(text, path) == "The model file focus/model.tflite is missing."
