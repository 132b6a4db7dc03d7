"""The daemon's log: a rotating file with one line per job; never with the token, with paths only in debug."""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any

from autocull.errors import exception_origin
from autocull.private_files import create_private_file, make_private_folder, open_private, restrict_file

MAX_BYTES = 1_000_000
"""The size in bytes at which a new file is begun."""

BACKUP_COUNT = 3
"""The number of older files that are kept."""

_LOGGER_NAMES = ("autocull", "waitress")


class OneLineFormatter(logging.Formatter):
    """Formats a record as one line: time in UTC, level, logger, message.

    Texts in `hidden` are replaced by "...". An exception is formatted as its type and origin, or with `debug`
    as its traceback. Without `debug`, paths of the installation and of the user's home folder are shortened.
    """

    converter = time.gmtime  # type: ignore[assignment] # typeshed's narrower

    def __init__(self, *, hidden: tuple[str, ...], debug: bool) -> None:
        super().__init__("%(asctime)sZ %(levelname)s %(name)s: %(message)s", "%Y-%m-%dT%H:%M:%S")
        self._hidden = hidden
        self._debug = debug
        self._short_names = {} if debug else _short_names()

    def format(self, record: logging.LogRecord) -> str:
        """Return the line; unprintable characters are escaped, so that no message can forge another line."""
        line = super().format(record)
        for each in self._hidden:
            line = line.replace(each, "...")
        for folder, short_name in self._short_names.items():
            line = line.replace(folder, short_name)
        return line if self._debug else "".join(c if c.isprintable() else ascii(c)[1:-1] for c in line)

    def formatException(self, ei: object) -> str:  # noqa: N802 - the library's own name
        """Return the origin of an exception, or its traceback in debug mode."""
        if self._debug:
            return super().formatException(ei)  # type: ignore[arg-type] # as logging passes it
        error = ei[1] if isinstance(ei, tuple) else None
        return f"[{exception_origin(error)}]" if isinstance(error, BaseException) else ""


def _short_names() -> dict[str, str]:
    """Return what stands for the folders of the installation and of the user, the longest first."""
    installed = (str(Path(__file__).parents[3]), sys.prefix, sys.base_prefix)
    folders = {folder: "..." for folder in installed if len(Path(folder).parts) > 2}  # not /usr
    if len(Path.home().parts) > 1:
        folders[str(Path.home())] = "~"
    return dict(sorted(folders.items(), key=lambda item: -len(item[0])))


class _PrivateFileHandler(RotatingFileHandler):
    """A rotating file that only the user can read; if it cannot be rotated, writing goes on."""

    def _open(self) -> Any:
        return open(
            self.baseFilename,
            self.mode,
            encoding="utf-8",
            opener=open_private,
        )

    def doRollover(self) -> None:  # noqa: N802 - the library's own name
        """Begin a new file; keep the old one if that fails, as on Windows when it is open elsewhere."""
        try:
            super().doRollover()
        except OSError:
            self.stream = self._open()


@contextmanager
def configure_logging(
    file: Path, *, hidden: tuple[str, ...] = (), debug: bool, to_stderr: bool
) -> Iterator[None]:
    """Log to `file`, and with `to_stderr` to standard error too, until the block ends.

    If the file cannot be written, everything goes to standard error, with a warning.
    """
    handlers, failure = _create_handlers(file, to_stderr=to_stderr)
    loggers = [logging.getLogger(name) for name in _LOGGER_NAMES]
    previous_levels = [each.level for each in loggers]
    for handler in handlers:
        handler.setFormatter(OneLineFormatter(hidden=hidden, debug=debug))
    for logger in loggers:
        logger.setLevel(logging.DEBUG if debug else logging.INFO)
        for handler in handlers:
            logger.addHandler(handler)
    if failure:
        logging.getLogger(__name__).warning("%s", failure)
    try:
        yield
    finally:
        for logger, level in zip(loggers, previous_levels, strict=True):
            logger.setLevel(level)
            for handler in handlers:
                logger.removeHandler(handler)
        for handler in handlers:
            handler.close()


def _create_handlers(file: Path, *, to_stderr: bool) -> tuple[list[logging.Handler], str | None]:
    stderr_handlers: list[logging.Handler] = [logging.StreamHandler()] if to_stderr else []
    try:
        make_private_folder(file.parent)
        create_private_file(file)
        restrict_file(file)
        return [
            _PrivateFileHandler(file, maxBytes=MAX_BYTES, backupCount=BACKUP_COUNT),
            *stderr_handlers,
        ], None
    except OSError as error:
        failure = f"The log {file} cannot be written ({error.strerror}); it goes to standard error."
        return stderr_handlers or [logging.StreamHandler()], failure
