"""The pipeline's stages: scripts at the top, one per verb of dvc.yaml; the machinery in the packages below."""

import os
import signal
import sys
from types import FrameType


def _leave(number: int, _frame: FrameType | None) -> None:
    """End at once, with a word and without a traceback."""
    os.write(sys.stderr.fileno(), b"stopped: run the same command again; nothing had begun\n")
    os._exit(128 + number)


if sys.argv[0] == "-m":  # a stage begins here; until stages.core.command takes over, PyTorch is imported for seconds
    for _number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(_number, _leave)
