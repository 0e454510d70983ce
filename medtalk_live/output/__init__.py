"""Frames out: OSC, Live Link Face, VMC, behind the FrameSink protocol."""
