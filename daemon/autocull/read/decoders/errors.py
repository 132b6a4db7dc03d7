"""Why a picture cannot be read, before it is known whose picture it is."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager

DAMAGED = "The file is damaged or incomplete. Copy it again from the card or the backup."


class UnreadableError(Exception):
    """A decoder's refusal: `code` is one of `PhotoError`'s, the message says what happened and what to do."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@contextmanager
def decoding(damaged: str = DAMAGED) -> Iterator[None]:
    """Turn whatever a decoding library raises inside into `UnreadableError`; the disk's errors pass.

    Pillow, libheif and LibRaw raise nearly any kind of exception on hostile files (IndexError, SyntaxError,
    EOFError, struct.error ...) and warn about what the photographer cannot change.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except UnreadableError:
        raise
    except MemoryError as problem:
        message = "There is not enough memory for this picture. Close other programs or export it smaller."
        raise UnreadableError("out_of_memory", message) from problem
    except Exception as problem:  # the decoders' own choice of exceptions is without bounds, see above
        if isinstance(problem, OSError) and problem.errno is not None:
            raise
        raise UnreadableError("damaged", damaged) from problem
