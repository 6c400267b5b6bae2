"""Calls out: campaigns, whom they may call and when, and how fast they dial."""
