"""The API that the pages use: one module a resource, each a list of `Route`."""
