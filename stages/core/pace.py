"""How often long work writes down where it stands."""

import contextlib
import math
import os
import time
from collections.abc import Iterator

from stages.core import stopping
from stages.core.command import UserError

# no key of params.yaml: it changes no result, so a change of it must not train anything again
VARIABLE = "CHECKPOINT_SECONDS"
SECONDS, MOST_SHARE = 60.0, 0.01  # unless the user says otherwise


class Pace:
    """Every so many seconds of the clock: as many as the user says, else a minute.

    A minute becomes longer where a checkpoint would take more than `most_share` of the time.
    """

    def __init__(self, most_share: float = MOST_SHARE) -> None:
        chosen = _chosen_seconds()
        self.seconds = SECONDS if chosen is None else chosen
        self.most_share = most_share if chosen is None else math.inf
        self._next = time.monotonic() + self.seconds

    @property
    def never(self) -> bool:
        """True where the user wants no checkpoints."""
        return self.seconds == 0

    def due(self) -> bool:
        """True when it is time, or when the process was asked to stop."""
        return bool(stopping.asked()) or (not self.never and time.monotonic() >= self._next)

    @contextlib.contextmanager
    def measured(self) -> Iterator[None]:
        """Around the writing of a checkpoint: the next one is due some time after it."""
        began = time.monotonic()
        try:
            yield
        finally:
            ended = time.monotonic()
            self._next = ended + max(self.seconds, (ended - began) / self.most_share)


def _chosen_seconds() -> float | None:
    """What the environment says, where it says anything."""
    text = os.environ.get(VARIABLE)
    if not text:
        return None
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds <= 1e9:
        raise UserError(f"{VARIABLE} is '{text}'; expected seconds between two checkpoints, 0 for none; correct the "
                        "environment variable or unset it")
    return seconds
