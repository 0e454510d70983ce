"""Evaluation: the paper's metrics, the speech measures and their reports."""
