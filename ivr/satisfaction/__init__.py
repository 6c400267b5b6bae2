"""How satisfied clients are: questionnaires, waves of asking, control calls, and the figures made of them."""
