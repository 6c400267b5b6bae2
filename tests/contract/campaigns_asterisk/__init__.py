"""What campaigns ask of Asterisk, over a scripted manager."""
