"""Sound in: files, microphone, raw streams, behind the AudioSource protocol."""
