"""The knowledge base: articles, search, topics of calls, offices, unanswered questions. Face: `base`."""
