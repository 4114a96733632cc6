"""Being stopped, by Ctrl-C (SIGINT) or by the system (SIGTERM): at once, or where a loop says that it stands well."""

import contextlib
import signal
from collections.abc import Iterator
from types import FrameType

BOTH = (signal.SIGINT, signal.SIGTERM)


class Stopped(KeyboardInterrupt):
    """The process was asked to end; `how_to_go_on` is for the user, where there is something to say."""

    def __init__(self, number: int, how_to_go_on: str = "") -> None:
        super().__init__(number, how_to_go_on)
        self.number, self.how_to_go_on = number, how_to_go_on


class _Requests:
    """What was asked for, and whether it has to wait."""

    def __init__(self) -> None:
        self.waits = self.patient = False
        self.number = 0

    def receive(self, number: int, _frame: FrameType | None) -> None:
        """Take a signal; a second one waits no longer, unless the block is a patient one."""
        if not self.waits or (self.number and not self.patient):
            raise Stopped(number)
        self.number = self.number or number


_requests = _Requests()


def listen() -> None:
    """Take both signals from now on, but for one that this process was told to ignore, as in the background."""
    for number in BOTH:
        if signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, _requests.receive)


def ignore() -> None:
    """Take no signal any more: what is left to do is to end."""
    for number in BOTH:
        signal.signal(number, signal.SIG_IGN)


def asked() -> int:
    """The signal that waits, 0 where none does."""
    return _requests.number


@contextlib.contextmanager
def gently(patient: bool = False) -> Iterator[None]:
    """Let a signal wait: the block looks at `asked`, brings its work in order and raises Stopped.

    Where it is `patient`, a second one waits as well: nothing may be raised inside a library that would not bear it.
    """
    _requests.waits, _requests.patient = True, patient
    try:
        yield
    finally:
        _requests.waits = _requests.patient = False  # from here on a signal is raised at once
        number, _requests.number = _requests.number, 0
    if number:
        raise Stopped(number)
