"""The live run: threads, queues, pacing, commands and statistics."""
