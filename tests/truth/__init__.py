"""Histories of calls whose figures are known from their own script.

Nothing here imports the engine: what a figure should be is counted from the script by plain arithmetic, by
the words of the standards, so that an error of the engine's counting isn't repeated in what it is held
against.
"""
