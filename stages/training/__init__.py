"""Losses, optimisers, loops and weights."""
