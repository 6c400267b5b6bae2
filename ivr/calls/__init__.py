"""The ledger (one call = one story) and the lines that are called."""
