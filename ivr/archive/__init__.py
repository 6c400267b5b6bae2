"""Recordings: taking over, hash, expiry, retention."""
