"""What clients have asked for: requests and how they stand, appointments at an office, call-backs."""
