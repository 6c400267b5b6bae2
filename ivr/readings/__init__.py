"""Meter readings: windows, plausibility, acceptance, hand-over to billing."""
