"""The engine: audio in, frames out; no thread and no socket inside."""
