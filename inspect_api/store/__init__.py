"""One file a noun: its tables and its queries."""
