"""The knowledge base: articles, search, topic recognition."""
