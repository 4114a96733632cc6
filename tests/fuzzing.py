"""Broken and hostile input by the hundred: valid files with something changed, and what no input may bring about.

How many of each test: FUZZ_EXAMPLES, 150 where it is not set. `python -m benchmarks.fuzz` runs thousands and counts.
"""

import contextlib
import json
import os
import resource
import signal
import sys
import tracemalloc
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from stages.core.command import UserError

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "150"))
SECONDS = 5  # of the processor, for one input
MEBIBYTES = 16  # of Python's memory, for one input of some kilobytes
PROCESS_MEBIBYTES = 256  # of the whole process, beside what it had before the first input
COUNTS: Counter[str] = Counter()  # inputs, by what was fed with them
INTEGERS = (0, 1, 2, 0x7F, 0x80, 0xFF, 0x7FFF, 0xFFFF, 0xFFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 2**63 - 1,
            2**64 - 1)
FORBIDDEN = ("pickle.find_class", "subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.spawn",
             "os.fork", "os.forkpty", "os.startfile", "pty.spawn", "socket.connect", "ctypes.dlopen")
WRITES = ("os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.symlink", "os.link", "os.truncate", "os.chmod",
          "shutil.rmtree")

# no database: nothing is left in the project; the same inputs on every run of the tests
fuzz = settings(max_examples=EXAMPLES, deadline=None, database=None, derandomize="FUZZ_RECORD" not in os.environ,
                suppress_health_check=list(HealthCheck), print_blob=False, report_multiple_bugs=False)


def mutated(content: bytes, header: int = 64) -> st.SearchStrategy[bytes]:
    """A valid file with one to five changes; half of them in the first or the last `header` bytes."""
    # one draw for all changes: hypothesis takes a millisecond for ten draws, and shrinks this as well
    return st.binary(min_size=6, max_size=30).map(lambda program: _changed(content, program, header))


def _changed(content: bytes, program: bytes, header: int) -> bytes:
    """The content after the changes that a program asks for, six bytes for each."""
    data = bytearray(content)
    for change, where, near, far, value, extra in zip(*[iter(program)] * 6, strict=False):
        places = (near % (header + 1), len(data) - near % (header + 1), near * 256 + far, len(data) * near // 255)
        place = min(max(places[where % 4], 0), len(data))
        width, order = (2, 4, 8, 8)[extra % 4], ("big", "little")[value % 2]
        number = (INTEGERS[value // 2 % len(INTEGERS)] % 256**width).to_bytes(width, order)
        end, put = {
            0: (place + 1, bytes([value])),  # another byte
            1: (place + 1, bytes([data[place] ^ 1 << value % 8 if place < len(data) else value])),  # one bit
            2: (place + width, number),  # another number, such as a count or a length
            3: (len(data), b""),  # cut off
            4: (place + 1 + value % 32, b""),  # a part is gone
            5: (place, bytes([value]) * (1 + extra % 32)),  # more
            6: (place, bytes(data[place : place + 1 + value % 64]) * (1 + extra % 20)),  # a part again and again
            7: (place, content[far * len(content) // 255 :][: 1 + value]),  # a part from elsewhere
        }[change % 8]
        data[place:end] = put
    return bytes(data)


def contained(what: str, call: Callable[[], Any], allowed: tuple[type[Exception], ...] = ()) -> Any:
    """Call with one input: a result, or a mistake in one line; in time, in memory, and writing nowhere.

    `allowed` are exceptions that the pipeline's own code catches. What the call returned; None after an exception.
    """
    COUNTS[what] += 1
    with limits():
        try:
            return call()
        except UserError as mistake:
            line = " ".join(str(mistake).split())
            assert line and line.isprintable(), f"no line for a terminal: {line!a}"
        except allowed:
            pass
    return None


@contextlib.contextmanager
def limits() -> Iterator[None]:
    """Seconds, memory and deeds within which one input stays."""
    def stop(*_: object) -> None:
        raise AssertionError(f"more than {SECONDS} seconds for one input")

    before = signal.signal(signal.SIGPROF, stop)
    tracemalloc.start()
    _HOOK.seen.clear()
    _HOOK.on = True
    signal.setitimer(signal.ITIMER_PROF, SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)
        _HOOK.on = False
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert peak <= MEBIBYTES << 20, f"{peak >> 20} MiB for one input"
    assert not _HOOK.seen, f"an input brought about {_HOOK.seen}"


class _Hook:
    """Python's own reports of what is done: writes, programs, connections, unpickling."""

    def __init__(self) -> None:
        self.on, self.seen = False, []
        sys.addaudithook(self)

    def __call__(self, event: str, details: tuple[Any, ...]) -> None:
        if self.on and (event in FORBIDDEN or event in WRITES or (event == "open" and _writes(details))):
            self.seen.append((event, details[:2]))


def _writes(details: tuple[Any, ...]) -> bool:
    """True where a file is opened for more than reading."""
    _, mode, flags = details
    return bool((flags or 0) & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)) or any(one in (mode or "") for one in "wax+")


_HOOK = _Hook()


def growth_checked(value: Any) -> Iterator[Any]:
    """For a fixture: `value`, and at the end a look at how far the whole process has grown, C code included."""
    before = _peak_mebibytes()
    yield value
    grown = _peak_mebibytes() - before
    assert grown <= PROCESS_MEBIBYTES, f"the process grew by {grown} MiB"


def _peak_mebibytes() -> int:
    """The most main memory that this process ever had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // (1024 if sys.platform == "linux" else 1 << 20)


def record() -> None:
    """Add this session's counts to the file that FUZZ_RECORD names."""
    if COUNTS and (path := os.environ.get("FUZZ_RECORD")):
        Path(path).write_text(json.dumps(COUNTS), encoding="utf-8")
