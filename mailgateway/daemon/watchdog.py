"""The end of a process that hangs over one mail: nothing else could make the others go on.

Python cannot end a thread, and a pattern that never comes to an end holds the interpreter's lock, so that no other
thread could even notice. The timer below is the standard library's own in C and needs no lock. What it leaves is what
any crash leaves: an attempt that never came back, so that the mail runs alone and is set aside the third time.
"""

import faulthandler
from collections.abc import Iterator
from contextlib import contextmanager

LONGEST_S = 300.0
"""So long one large mail, or a batch of small ones, may take. A mail of 60 MB takes seconds."""
_STANDARD_ERROR = 2


def go_on() -> None:
    """Begin to count anew; at the end the process ends with exit code 1, each thread's place on standard error."""
    faulthandler.dump_traceback_later(LONGEST_S, exit=True, file=_STANDARD_ERROR)


@contextmanager
def watched() -> Iterator[None]:
    """Return a context in which the time is counted."""
    go_on()
    try:
        yield
    finally:
        faulthandler.cancel_dump_traceback_later()
