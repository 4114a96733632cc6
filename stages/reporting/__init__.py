"""Figures, notebook templates and the HTML they become."""
