"""The wiring: builds the engine from the settings, starts and stops it."""
