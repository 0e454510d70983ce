"""Rule-based speech animation from timed phones: the teacher, and ``animate --phones``."""
