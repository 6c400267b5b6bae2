"""Who may do what: users, passwords, sessions, the audit of personal data."""
