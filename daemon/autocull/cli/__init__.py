"""The command line.

Exit codes: 0 done; 1 done in part (no photo was found, or some marks could not be written, each named); 2 the
command or a setting is wrong, and nothing was done; 3 a model, the store or the daemon is not usable; 130
stopped by Ctrl-C, SIGTERM or SIGHUP, and what was done is kept.
"""

from __future__ import annotations

import errno
import os
import signal
import sys
import time
from collections.abc import Sequence
from contextlib import suppress

__all__ = ["main"]

_EXTRAS = {
    "train": {"keras", "keras_tuner", "matplotlib", "scipy", "tensorboard", "tensorflow"},
    "dev": {"imagehash", "sklearn"},
}
"""The packages that commands for developers need, by the extra that installs them."""

_DISK_ERRORS = {errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EROFS, errno.EFBIG}
_REPEAT_SECONDS = 1.0  # between two signals that are two decisions

# Worker processes import this module at their start: everything else is imported where it is used.


def main(arguments: Sequence[str] | None = None) -> int:
    """Run `autocull` with these arguments and return the exit code.

    Without arguments those of the process are used, and SIGTERM and SIGHUP (a closed terminal) stop the
    command as Ctrl-C does.
    """
    if arguments is not None:
        return _run(arguments)
    try:
        _stop_on_signals()
        return _run(arguments)
    finally:
        for number in _handled_signals():  # the exit code is certain: nothing may change it while Python ends
            signal.signal(number, signal.SIG_IGN)


def _run(arguments: Sequence[str] | None) -> int:
    """Run a command, and return 130 where it is stopped."""
    try:
        return _run_command(arguments)
    except KeyboardInterrupt:
        with suppress(OSError):  # the terminal is closed
            print("autocull: stopped.", file=sys.stderr)  # noqa: T201 - output of the command line
        return 130


def _run_command(arguments: Sequence[str] | None) -> int:
    """Run a command, and turn its errors into messages and exit codes; raises KeyboardInterrupt."""
    import click

    from autocull.cli.lazy_group import commands
    from autocull.errors import AutocullError, ManifestError, MarksError, PeerError, SettingsError

    _escape_unencodable()
    try:
        code = commands.main(arguments, prog_name="autocull", standalone_mode=False)
        sys.stdout.flush()
        return code if isinstance(code, int) else 0
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (SettingsError, ManifestError, PeerError) as error:
        return _print_error(error, 2)
    except MarksError as error:
        return _print_error(error, 1)
    except AutocullError as error:
        return _print_error(error, 3)
    except ModuleNotFoundError as error:
        return _report_missing_package(error)
    except BrokenPipeError:  # `autocull cull ... --json - | head`: the reading program has ended
        _discard_output()
        return 1
    except click.Abort:
        raise KeyboardInterrupt from None
    except OSError as error:
        if error.errno not in _DISK_ERRORS:
            raise
        _discard_output()
        name = f"{error.filename}: " if error.filename else ""
        return _print_error(f"{name}{error.strerror}. Make room or check the drive, then run again.", 1)


def _report_missing_package(error: ModuleNotFoundError) -> int:
    """Print which extra holds the missing package; raises the error again where none does."""
    package = error.name or ""
    extra = next((each for each, packages in _EXTRAS.items() if package.split(".")[0] in packages), None)
    if package == "autocull.train":  # the self-contained program has no part for developers
        extra = "train"
    if extra is not None:
        message = (
            f"This command needs {package}, which is installed with the extra {extra} only: "
            f'pip install "autocull[{extra}]", or `make test` in a checkout.'
        )
        return _print_error(ImportError(message), 2)
    raise error


def _discard_output() -> None:
    """Let what still waits for the standard output go nowhere, instead of failing again at the end."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _stop_on_signals() -> None:
    """Let the first Ctrl-C, SIGTERM or SIGHUP stop the command, and a later one end the process at once.

    A second signal within a second of the first one is ignored: a terminal and a program in between often
    send both. What a run leaves when it is ended at once, the next one clears up.
    """
    first: list[float] = []

    def stop(_: int, __: object) -> None:
        if not first:
            first.append(time.monotonic())
            raise KeyboardInterrupt
        if time.monotonic() - first[0] > _REPEAT_SECONDS:
            os._exit(130)

    for number in _handled_signals():
        signal.signal(number, stop)


def _handled_signals() -> list[int]:
    """Return the numbers of the signals that stop a command; not of those that are ignored (nohup)."""
    numbers = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
    return [number for number in numbers if signal.getsignal(number) != signal.SIG_IGN]


def _print_error(error: Exception | str, code: int) -> int:
    print(f"autocull: {error}", file=sys.stderr)  # noqa: T201 - output of the command line
    return code


def _escape_unencodable() -> None:
    """Print characters that the terminal's encoding lacks as escapes instead of raising an error."""
    for stream in (sys.stdout, sys.stderr):
        if reconfigure := getattr(stream, "reconfigure", None):
            reconfigure(errors="backslashreplace")
