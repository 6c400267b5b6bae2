"""Runs flows: one class for each verb, everything compiled at load.

`compiler` turns a `Flow` into a `Program`; `runner` walks a program's states for one call.
"""
