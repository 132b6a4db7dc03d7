"""Previews that arrive in requests: files in a private folder, each until its photo has a result.

A preview is named by its content, so that the same one, sent again, finds the evidence of the first. That
evidence is identified by this name, not by the file, which is gone when the photos of a job are compared.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from hashlib import blake2b
from pathlib import Path
from threading import RLock
from typing import TYPE_CHECKING

from autocull.atomic_write import atomic_write
from autocull.errors import StoreError
from autocull.private_files import make_private_subfolder
from autocull.read import Frame

if TYPE_CHECKING:
    from autocull.pipeline import Identify

PREVIEWS_FOLDER = "previews"
"""The name of the folder within the one that plug-in and daemon share."""

_NAME = re.compile(r"[0-9a-f]{32}\.jpg")


class PreviewStore:
    """The previews in `folder`, which is created with the first one, private to the user.

    `lock` is held while previews are saved with their photos, or deleted: between the two, a preview has no
    photo. For several threads.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.lock = RLock()

    def save(self, content: bytes) -> Path:
        """Write a preview and return its path; one with the same content is left as it is.

        Raises StoreError without disk space or permission.
        """
        path = self._folder / f"{blake2b(content, digest_size=16).hexdigest()}.jpg"
        try:
            make_private_subfolder(self._folder)
            if not path.is_file():
                with atomic_write(path, mode=0o600) as file:
                    file.write(content)
        except OSError as error:
            message = f"A preview cannot be kept now ({error.strerror}). Try again later."
            raise StoreError(message, parameters={"reason": "unusable"}) from error
        return path

    def owns(self, path: Path) -> bool:
        """Return whether a path is that of a preview here, whether or not it still exists."""
        return path.parent == self._folder and _NAME.fullmatch(path.name) is not None

    def delete(self, path: Path) -> None:
        """Delete a preview if it exists; another path is left alone."""
        if self.owns(path):
            with suppress(OSError):  # Windows does not delete a file that is read: deleted at the job's end
                path.unlink()

    def delete_all_except(self, paths: Iterable[Path]) -> None:
        """Delete all previews but these."""
        kept = set(paths)
        if self._folder.is_symlink():
            return
        with suppress(OSError):  # there is no folder yet
            for path in list(self._folder.iterdir()):
                if path not in kept:
                    self.delete(path)

    def wrap(self, identify: Identify) -> Callable[[Frame, Mapping[str, str]], bytes | None]:
        """Return `identify` with the identity of previews: their content and the detectors' versions."""

        def identify_frame(frame: Frame, versions: Mapping[str, str]) -> bytes | None:
            if not self.owns(frame.path):
                return identify(frame, versions)
            digest = blake2b(repr(sorted(versions.items())).encode(), digest_size=16)
            digest.update(frame.path.name.encode())
            return digest.digest()

        return identify_frame
