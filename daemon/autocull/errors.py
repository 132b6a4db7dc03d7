"""Every error that Autocull raises for a reason of its own, in one shallow tree.

Each error says what happened and what to do, carries the object that failed, and has a `code` that programs
may rely on. Nothing here is raised for a bug: a bug keeps Python's own exception.
"""

from __future__ import annotations

from pathlib import Path


class AutocullError(Exception):
    """The root of the tree: `str(error)` is a sentence or two for a person, `code` a word for programs."""

    code: str = "error"

    def __init__(self, message: str, *, code: str | None = None) -> None:
        super().__init__(message)
        if code is not None:
            self.code = code

    @property
    def message(self) -> str:
        """What happened and what to do, as plain text."""
        return str(self.args[0])


class PhotoError(AutocullError):
    """One photo cannot be judged; its neighbours can.

    Codes: `missing`, `not_a_file`, `no_permission`, `empty`, `not_a_photo`, `unsupported`, `damaged`,
    `too_large`, `too_small`, `no_picture`, `changing`, `timeout`, `crashed`, `out_of_memory`, `bad_path`.
    """

    code = "damaged"

    def __init__(self, path: Path, message: str, *, code: str) -> None:
        super().__init__(message, code=code)
        self.path = path

    def __reduce__(self) -> tuple[object, ...]:
        return (_rebuild_photo_error, (self.path, self.message, self.code))


def _rebuild_photo_error(path: Path, message: str, code: str) -> PhotoError:
    """Rebuild a `PhotoError` on the other side of a process boundary."""
    return PhotoError(path, message, code=code)


class ModelError(AutocullError):
    """A model folder is missing, incomplete or corrupt: names the file and the remedy."""

    code = "model"

    def __init__(self, path: Path, message: str) -> None:
        super().__init__(message)
        self.path = path

    def __reduce__(self) -> tuple[object, ...]:
        return (ModelError, (self.path, self.message))


class SettingsError(AutocullError):
    """A setting is unknown, of the wrong kind or out of range: names the setting and what it accepts."""

    code = "settings"


class MarksError(AutocullError):
    """Marks could not be written to one photo's sidecar or folder; nothing there was changed."""

    code = "marks"

    def __init__(self, path: Path, message: str) -> None:
        super().__init__(message)
        self.path = path


class StoreError(AutocullError):
    """The store of results cannot be used: names its file and the remedy."""

    code = "store"


class ManifestError(AutocullError):
    """A manifest of training or evaluation data is not usable: names the file, the line and what is wrong."""

    code = "manifest"


class TasteError(AutocullError):
    """A profile of a photographer's taste cannot be read, kept or used: names it and the remedy."""

    code = "taste"


class LearningError(AutocullError):
    """Nothing was learned: says how many decisions there were, and what is missing."""

    code = "nothing_learned"


class RequestError(AutocullError):
    """The daemon refuses a request: its code is one of docs/protocol.md, its message goes into the answer."""

    code = "bad_request"


class DaemonError(AutocullError):
    """The daemon cannot be started, stopped, found or installed: says why and what to do."""

    code = "daemon"
