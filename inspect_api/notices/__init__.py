"""What to say to whom when a step is taken, and the ways on which it reaches people."""
