"""Measurements of the product against plain Asterisk, and the SIP callers that make the load."""
