"""The daemon's log: a rotating file, a line per job; no token in it, no photo's path unless asked for."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any

from autocull.serve.insides import exception_origin

MAX_BYTES = 1_000_000
"""The size at which a new file is begun."""

BACKUP_COUNT = 3
"""How many older files are kept beside it."""

_LOGGER_NAMES = ("autocull", "waitress")


class OneLineFormatter(logging.Formatter):
    """One line per record: time in UTC, level, subject, text; `hidden` texts never come out.

    A failure is told by its kind and place; with `debug`, by its traceback.
    """

    converter = time.gmtime  # type: ignore[assignment] # typeshed's narrower

    def __init__(self, *, hidden: tuple[str, ...], debug: bool) -> None:
        super().__init__("%(asctime)sZ %(levelname)s %(name)s: %(message)s", "%Y-%m-%dT%H:%M:%S")
        self._hidden = hidden
        self._debug = debug

    def format(self, record: logging.LogRecord) -> str:
        """Make the line; whoever caused it has no power over the file: line breaks are written out."""
        line = super().format(record)
        for each in self._hidden:
            line = line.replace(each, "...")
        return line if self._debug else "".join(c if c.isprintable() else ascii(c)[1:-1] for c in line)

    def formatException(self, ei: object) -> str:  # noqa: N802 - the library's own name
        """Say where a failure arose, or all of it for debugging."""
        if self._debug:
            return super().formatException(ei)  # type: ignore[arg-type] # what logging hands over
        error = ei[1] if isinstance(ei, tuple) else None
        return f"[{exception_origin(error)}]" if isinstance(error, BaseException) else ""


class _PrivateFileHandler(RotatingFileHandler):
    """A rotating file that only the user reads, and that goes on where it cannot be rotated."""

    def _open(self) -> Any:
        return open(
            self.baseFilename,
            self.mode,
            encoding="utf-8",
            opener=lambda name, flags: os.open(name, flags, 0o600),
        )

    def doRollover(self) -> None:  # noqa: N802 - the library's own name
        """Begin a new file; where the old one is open elsewhere, which Windows minds, go on with that."""
        try:
            super().doRollover()
        except OSError:
            self.stream = self._open()


@contextmanager
def configure_logging(
    file: Path, *, hidden: tuple[str, ...] = (), debug: bool, to_stderr: bool
) -> Iterator[None]:
    """Write what our loggers say into `file`, and with `to_stderr` on standard error too, until the block
    ends.

    Where the file cannot be written, standard error gets everything, and says so.
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
        file.parent.mkdir(parents=True, exist_ok=True)
        return [
            _PrivateFileHandler(file, maxBytes=MAX_BYTES, backupCount=BACKUP_COUNT),
            *stderr_handlers,
        ], None
    except OSError as error:
        failure = f"The log {file} cannot be written ({error.strerror}); it goes to standard error."
        return stderr_handlers or [logging.StreamHandler()], failure
