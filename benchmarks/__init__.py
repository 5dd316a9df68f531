"""Speed, as ratios to limits that are measured in the same run. Never a timed test."""
