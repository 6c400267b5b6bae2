"""When, how often and whom campaigns call: hours, limits, refusals, caller ids."""
