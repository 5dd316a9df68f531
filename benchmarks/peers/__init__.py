"""Other servers that take records from phones, measured beside ours on the same records."""
