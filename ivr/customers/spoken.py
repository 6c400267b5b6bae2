"""What is spoken of customers in their own words; built ahead, so that no call waits for it."""

from __future__ import annotations

from sqlalchemy import Connection, select, union

from ivr.customers.tables import accounts, zones


def spoken_values(connection: Connection) -> list[str]:
    """Every street, kind of street, settlement and title of a tariff zone, each once; nobody's name."""
    columns = (accounts.c.street_type, accounts.c.street, accounts.c.settlement, zones.c.title)
    statement = union(*(select(column) for column in columns))
    return sorted(value for (value,) in connection.execute(statement) if value)
