"""The loop that claims due work, and the map from job name to action."""
