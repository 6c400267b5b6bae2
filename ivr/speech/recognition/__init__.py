"""Hearing: recognisers behind one protocol, end-pointing and barge-in, closed grammars."""
