"""The way in of every stage: arguments from the command line, one line on stderr for a user's mistake."""

import argparse
import errno
import sys
from collections.abc import Callable

from stages.core import stopping


class UserError(Exception):
    """A mistake that the user can mend: the message names the file, key or value, what was expected and what to do."""


def run(stage: Callable[..., None], argument: str = "experiment",
        add_options: Callable[[argparse.ArgumentParser], None] | None = None) -> None:
    """Call `stage` with the one argument of the command line, and the options by name, and end the process.

    Exit codes: 0 done, 1 the user's mistake, a full disk or too little memory, 2 wrong usage, 130 Ctrl-C, 143 SIGTERM.
    A fault of ours keeps its traceback.
    """
    description = sys.modules[stage.__module__].__doc__
    parser = argparse.ArgumentParser(prog=f"python -m stages.{_script_name()}", description=description)
    parser.add_argument(argument, help=f"name of the {argument}: its key in params.yaml")
    if add_options:
        add_options(parser)
    name = ""

    try:
        stopping.listen()
        options = vars(parser.parse_args())
        name = options.pop(argument)
        stage(name, **options)
        stopping.ignore()  # all is written
    except UserError as mistake:
        _stop(f"error: {mistake}")
    except stopping.Stopped as stopped:
        how = stopped.how_to_go_on or "run the same command again; an unfinished output counts for nothing"
        _stop(f"stopped: {how}", code=128 + stopped.number)
    except (MemoryError, RuntimeError) as fault:
        if not _is_about_memory(fault):
            raise
        _stop(f"error: {name}: not enough memory; lower its batch_size or its number of pictures in params.yaml, run "
              "one stage at a time (make repro LANES=1), or end other programs, then run the same command again")
    except OSError as fault:
        if not _is_about_the_machine(fault):
            raise
        place = fault.filename2 or fault.filename or "output"  # a copy that failed names its target second
        _stop(f"error: {place}: {fault.strerror}; make room or permit access there, then run the same command again")


def _script_name() -> str:
    """The stage's file name without ending: `download` for stages/download.py."""
    return sys.argv[0].replace("\\", "/").rsplit("/", 1)[-1].removesuffix(".py")


def _is_about_the_machine(fault: OSError) -> bool:
    """True for a full disk, a quota or missing rights: nothing that a traceback would explain better."""
    return fault.errno in (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM)


def _is_about_memory(fault: Exception) -> bool:
    """True for Python's own complaint, and for PyTorch's, of the main memory or of a GPU's."""
    words = ("can't allocate memory", "out of memory", "not enough memory")
    return isinstance(fault, MemoryError) or any(some in str(fault).lower() for some in words)


def _stop(message: str, code: int = 1) -> None:
    """Print one line and end the process, whatever signal comes meanwhile."""
    stopping.ignore()
    print(" ".join(message.split()), file=sys.stderr)
    sys.exit(code)
