"""Progress bars with a rate and the time left; quiet when stderr is not a terminal."""

import sys

from tqdm import tqdm


def progress_bar(total: int, title: str, unit: str, done: int = 0) -> tqdm:
    """A bar over `total` units, `done` of them before, for use in a `with` block."""
    # 10-MB downloads and 60,000-image loops alike: thousands read better than raw counts
    return tqdm(total=total, initial=done, desc=title, unit=unit, unit_scale=True, disable=not sys.stderr.isatty(),
                file=sys.stderr)
