"""Campaigns over a real Asterisk, to subscribers that SIPp plays."""
