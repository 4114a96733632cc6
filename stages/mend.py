"""Put right what DVC does not: notes that a killed one left cut off, and damaged objects of its cache.

    python -m stages.mend                         (make mend)
"""

from stages.rebuilding.mending import mend_cache, mend_notes


def main() -> None:
    """Mend all, and say what."""
    mend_notes()
    mend_cache()


if __name__ == "__main__":
    main()
