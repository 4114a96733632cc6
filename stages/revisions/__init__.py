"""Both sides of a comparison of runs, out of git and DVC's cache."""
