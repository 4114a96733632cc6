"""One file per family of networks, looked up by name."""
