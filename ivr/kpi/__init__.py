"""Profiles of the standards, definitions, counters and Prometheus."""
