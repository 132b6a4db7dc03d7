"""Files of login entries: rendered from templates, written atomically, removed."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from string import Template

from autocull.atomic_write import atomic_write
from autocull.errors import DaemonError


def render_template(template: str, **words: str) -> str:
    """Return a template filled with `words`; raises DaemonError if one has control characters."""
    for word in words.values():
        if any(ord(character) < 32 and character != "\n" for character in word):
            raise DaemonError(
                "The path of Autocull contains control characters. Install it in another folder."
            )
    text = files("autocull.install").joinpath("templates", template).read_text("utf-8")
    return Template(text).substitute(words)


def check_line(word: str) -> str:
    """Return the word; raises DaemonError if it contains a line break or a null character."""
    if "\n" in word or "\r" in word or "\0" in word:
        raise DaemonError("The path of Autocull contains a line break. Install it in another folder.")
    return word


def write_file(path: Path, text: str) -> bool:
    """Write a file unless it has this content already; returns whether it was written. Raises DaemonError."""
    try:
        if path.is_file() and path.read_bytes() == text.encode():
            return False
        path.parent.mkdir(parents=True, exist_ok=True)
        with atomic_write(path) as file:
            file.write(text.encode())
    except OSError as error:
        raise DaemonError(f"{path} cannot be written ({error.strerror}). Check its permissions.") from error
    return True


def remove_file(path: Path) -> bool:
    """Remove a file; returns False if there is none. Raises DaemonError."""
    try:
        path.unlink()
    except FileNotFoundError:
        return False
    except OSError as error:
        raise DaemonError(f"{path} cannot be removed ({error.strerror}). Remove it by hand.") from error
    return True
