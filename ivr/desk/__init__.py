"""People: queues and who is sent where, operators and their states, call-backs, tasks."""
