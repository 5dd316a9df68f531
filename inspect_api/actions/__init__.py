"""One plain function for each thing a person, a device or the clock does."""
