"""The knowledge base: articles, search, topics of calls, offices, questions without an answer. Face: `base`."""
