"""What an industry asks, and what an answer means: pure rules and data, no I/O."""
