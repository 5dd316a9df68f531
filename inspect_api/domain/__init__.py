"""Rules without I/O: states and moves, deadlines, calendar, escalation, access."""
