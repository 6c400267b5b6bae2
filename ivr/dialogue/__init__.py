"""The scenario language: schema, loader, lint, expressions, interpreter, conversation tests, graph.

Pure: no Asterisk, no database, no clock of its own.
"""
