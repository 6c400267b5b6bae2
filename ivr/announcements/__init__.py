"""What all callers are told for a time, and lines that are closed for a time."""
