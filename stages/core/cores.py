"""How many cores there are to work with."""

import os


def cores() -> int:
    """As many as this process may use; where the system does not say, as many as the machine has."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
