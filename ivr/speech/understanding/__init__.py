"""What spoken Russian means: numerals, yes and no, dates, amounts, commands, choices. Pure and at once."""
