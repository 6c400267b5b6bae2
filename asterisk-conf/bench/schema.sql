-- Database of the native flow: accounts to look up, readings to write. WAL stays with the file.
PRAGMA journal_mode = WAL;
CREATE TABLE accounts (
    number TEXT PRIMARY KEY,
    street TEXT NOT NULL, -- sound file of the street, below the folder of the prompts
    last   INTEGER NOT NULL,
    usual  INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE readings (
    id          INTEGER PRIMARY KEY,
    call_id     TEXT NOT NULL UNIQUE,
    account     TEXT NOT NULL REFERENCES accounts (number),
    value       INTEGER NOT NULL,
    accepted_at INTEGER NOT NULL
);
