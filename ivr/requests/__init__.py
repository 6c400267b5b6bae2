"""Requests of clients, appointments at an office, promised call-backs."""
