"""Being stopped, by Ctrl-C (SIGINT) or by the system (SIGTERM): at once, or where a loop says that it stands well."""

import contextlib
import signal
from collections.abc import Iterator
from types import FrameType


class Stopped(KeyboardInterrupt):
    """The process was asked to end; `how_to_go_on` is for the user, where there is something to say."""

    def __init__(self, number: int, how_to_go_on: str = "") -> None:
        super().__init__(number, how_to_go_on)
        self.number, self.how_to_go_on = number, how_to_go_on


class _Requests:
    """What was asked for, and whether it has to wait."""

    def __init__(self) -> None:
        self.waits = False
        self.number = 0

    def receive(self, number: int, _frame: FrameType | None) -> None:
        """Take a signal; a second one waits no longer."""
        if not self.waits or self.number:
            raise Stopped(number)
        self.number = number


_requests = _Requests()


def listen() -> None:
    """Take both signals from now on."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _requests.receive)


def asked() -> int:
    """The signal that waits, 0 where none does."""
    return _requests.number


@contextlib.contextmanager
def gently() -> Iterator[None]:
    """Let a signal wait: the block looks at `asked`, brings its work in order and raises Stopped."""
    _requests.waits = True
    try:
        yield
        if _requests.number:
            raise Stopped(_requests.number)
    finally:
        _requests.waits, _requests.number = False, 0
