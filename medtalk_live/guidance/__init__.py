"""Guidance: a label, a sentence or a picture, changed while frames run."""
