"""Seeing it: the drawn face, the live page, films and contact sheets."""
