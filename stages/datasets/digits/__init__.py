"""Digits: the IDX format, and the ones drawn here."""
