"""Speech encoders: one file a pretrained part, and our own streaming encoder."""
