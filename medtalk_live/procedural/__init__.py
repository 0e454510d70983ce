"""Rule-based speech animation from timed phones; also the teacher of the shipped model."""
