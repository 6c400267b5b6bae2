-- Call records of the native flow.
PRAGMA journal_mode = WAL;
CREATE TABLE calls (
    AcctId INTEGER PRIMARY KEY,
    call_id, started, answered, ended, channel, source, seconds, talked, disposition, outcome
);
