"""Callers who speak: phrases kept apart from development, voices and noises, people who answer the robot."""
