"""The exceptions that Autocull raises on purpose, in one shallow tree.

The message of each states what happened and what to do; the exception carries the object that failed and has
a stable `code` for programs. None of them is raised for a bug: a bug keeps Python's own exception, of which
clients and logs receive only `exception_origin`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Parameter = str | int | float
"""A value that the text of an error names: a number, a name, or a code."""


@dataclass(frozen=True, slots=True)
class Problem:
    """What a client receives of an error: a stable `code`, the English `message`, and what the text names.

    From `code` and `parameters` a client builds the text in its own language; docs/protocol.md lists them.
    """

    code: str
    message: str
    parameters: Mapping[str, Parameter] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Return the JSON object of the protocol."""
        return {"code": self.code, "message": self.message, "parameters": dict(self.parameters)}


class AutocullError(Exception):
    """Root of the tree: `str(error)` is a sentence or two for a person, `code` an identifier for programs.

    `parameters` are the values that the sentence names, so that it can be written in another language.
    """

    code: str = "error"

    def __init__(
        self, message: str, *, code: str | None = None, parameters: Mapping[str, Parameter] | None = None
    ) -> None:
        super().__init__(message)
        if code is not None:
            self.code = code
        self.parameters = dict(parameters or {})

    @property
    def message(self) -> str:
        """Return what happened and what to do, as plain text."""
        return str(self.args[0])

    @property
    def problem(self) -> Problem:
        """Return code, message and parameters."""
        return Problem(self.code, self.message, self.parameters)


class PhotoError(AutocullError):
    """One photo cannot be judged; the others can.

    Codes: `missing`, `not_a_file`, `no_permission`, `empty`, `not_a_photo`, `unsupported`, `damaged`,
    `too_large`, `too_small`, `no_picture`, `changing`, `timeout`, `crashed`, `out_of_memory`, `bad_path`.
    """

    code = "damaged"

    def __init__(
        self, path: Path, message: str, *, code: str, parameters: Mapping[str, Parameter] | None = None
    ) -> None:
        super().__init__(message, code=code, parameters=parameters)
        self.path = path

    def __reduce__(self) -> tuple[object, ...]:
        return (_rebuild_photo_error, (self.path, self.message, self.code, self.parameters))


def _rebuild_photo_error(
    path: Path, message: str, code: str, parameters: Mapping[str, Parameter] | None = None
) -> PhotoError:
    """Create the `PhotoError` again when it is unpickled in another process."""
    return PhotoError(path, message, code=code, parameters=parameters)


class ModelError(AutocullError):
    """A model folder is missing, incomplete or corrupt. The message names the file and the remedy."""

    code = "model"

    def __init__(self, path: Path, message: str) -> None:
        super().__init__(message)
        self.path = path

    def __reduce__(self) -> tuple[object, ...]:
        return (ModelError, (self.path, self.message))


class SettingsError(AutocullError):
    """A setting is unknown, of the wrong type or out of range. The message names it and its valid values."""

    code = "settings"


class MarksError(AutocullError):
    """Marks could not be written to one photo's sidecar or folder; nothing there was changed."""

    code = "marks"

    def __init__(self, path: Path, message: str) -> None:
        super().__init__(message)
        self.path = path


class StoreError(AutocullError):
    """An SQLite file of evidence or jobs cannot be used. The message names the file and the remedy."""

    code = "store"


class ManifestError(AutocullError):
    """A manifest of training or evaluation data is not usable. The message names file, line and problem."""

    code = "manifest"


class PeerError(AutocullError):
    """A program to compare with is unknown or not installed. The message has the command that installs it."""

    code = "peer"


class TasteError(AutocullError):
    """A taste cannot be read, saved or used. The message names it and the remedy."""

    code = "taste"


class LearningError(AutocullError):
    """No taste was learned. The message has the number of decisions and what is missing."""

    code = "nothing_learned"


class RequestError(AutocullError):
    """The daemon refuses a request. `code` is one of docs/protocol.md; the client receives the message."""

    code = "bad_request"


class DaemonError(AutocullError):
    """The daemon cannot be started, stopped, found or installed. The message has reason and remedy."""

    code = "daemon"


def exception_origin(error: BaseException) -> str:
    """Return type, function and line of an unexpected error: no message and no path, which are private."""
    traceback = error.__traceback__
    if traceback is None:
        return type(error).__name__
    while traceback.tb_next is not None:
        traceback = traceback.tb_next
    code = traceback.tb_frame.f_code
    return f"{type(error).__name__} in {code.co_name} ({Path(code.co_filename).name}:{traceback.tb_lineno})"


def strip_paths(text: str, path: Path) -> str:
    """Return `text` with `path` replaced by its last two parts, so that it may be sent to a client."""
    return text.replace(str(path), "/".join(path.parts[-2:]))
