"""Targets of campaigns from files, from the debts in the database and by API."""
