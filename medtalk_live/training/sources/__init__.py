"""Adapters of the corpus: one small module a source of speech.

Each module lists its adapters in ``SOURCES``; a new file in this folder is
found without being registered anywhere else. Modules whose own packages are
not installed (an aligner, a codec, a synthesiser) import them when used and
say in ``available`` that they cannot serve.
"""
