"""Training: corpus, losses, the four stages and their trainer."""
