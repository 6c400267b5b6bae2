"""The loop that dials, and all that it is made of."""
