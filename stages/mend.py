"""Put right what DVC does not: notes that a killed one left cut off, and damaged objects of its cache.

    python -m stages.mend                         (make mend)
"""

import sys

from dvc.exceptions import DvcException

from stages.rebuilding.mending import mend_cache, mend_notes


def main() -> None:
    """Mend all, and say what. Ends with 1 where another DVC is at work, or a file cannot be reached."""
    try:
        mend_notes()
        mend_cache()
    except (DvcException, OSError) as fault:
        sys.exit(f"error: {' '.join(str(fault).split())}; nothing more was mended")


if __name__ == "__main__":
    main()
