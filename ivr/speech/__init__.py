"""The robot's voice: Russian words for values, voices, the prompt library; and what it hears."""
