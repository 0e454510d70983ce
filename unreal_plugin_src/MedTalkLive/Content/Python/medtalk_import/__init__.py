"""Recorded takes as Unreal assets: an AnimSequence of raw curves, Control Rig keys, sound."""
