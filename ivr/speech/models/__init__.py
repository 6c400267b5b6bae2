"""Models of speech recognition: which there are, how they come onto this machine, which one serves what."""
