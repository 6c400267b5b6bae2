"""How the robot speaks and listens: Russian numerals and dates in words, voices, the prompt cache."""
