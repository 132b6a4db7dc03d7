"""Our insides leave the process in words only."""

from __future__ import annotations

from pathlib import Path

from autocull.serve.insides import exception_origin, strip_paths


def test_an_error_is_named_with_its_place_and_nothing_else() -> None:
    """Kind, function, file and line; neither its text nor a path."""
    try:
        raise ValueError("/home/her/secret")
    except ValueError as error:
        said = exception_origin(error)
    assert said.startswith(
        "ValueError in test_an_error_is_named_with_its_place_and_nothing_else (test_insides.py:"
    )
    assert "secret" not in said
    assert str(Path(__file__).parent) not in said
    assert exception_origin(KeyError("never raised")) == "KeyError"


def test_a_path_of_ours_is_shortened_to_what_helps() -> None:
    """The file and its folder's name stay, so that it can be found."""
    path = Path("/opt/x/models/focus/model.tflite")
    assert (
        strip_paths(f"The model file {path} is missing.", path)
        == "The model file focus/model.tflite is missing."
    )
