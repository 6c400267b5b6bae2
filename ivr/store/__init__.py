"""Database engine, the single writer, sessions, migrations, shared column types."""
