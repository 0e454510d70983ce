"""Training: the corpus, the losses and the four stages of the starter model."""
