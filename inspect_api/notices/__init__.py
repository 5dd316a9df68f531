"""What to say to whom when a step is taken."""
