"""Faces: archives of JPEGs, their attribute lists, and the ones drawn here."""
