"""Accounts, meters, balances and identification, behind a port to the billing system."""
