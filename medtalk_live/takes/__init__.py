"""Takes: recorded performances that survive a crash, and their exports."""
