"""Lines: which number was called decides scenario, segment, profile and queue."""

from __future__ import annotations

from collections.abc import Iterable

from pydantic import BaseModel, ConfigDict, Field

from ivr.errors import Fault


class Line(BaseModel):
    """A line of the contact centre."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(pattern="^[a-z][a-z0-9-]*$", description="Short name, for dialplan and reports.")
    title: str = Field(min_length=1, description="Name for people, in Russian.")
    numbers: tuple[str, ...] = Field(min_length=1, description="Numbers called, as the trunk delivers them.")
    scenario: str = Field(min_length=1, description="Id of the flow that takes the calls.")
    segment: str = Field("any", pattern="^(private|corporate|any)$", description="Clients the line is for.")
    profile: str = Field(min_length=1, description="Id of the standard (metrics/standards/).")
    queue: str = Field(min_length=1, description="Queue of last resort, when the robot can't serve.")


class Lines:
    """The lines of a company, found by name or by number called."""

    def __init__(self, lines: Iterable[Line]) -> None:
        """Index the lines.

        Raises:
            Fault: Two lines share a name or a number.
        """
        self._by_name: dict[str, Line] = {}
        self._by_number: dict[str, Line] = {}
        for line in lines:
            self._add(line)

    def by_name(self, name: str) -> Line | None:
        """The line of that name."""
        return self._by_name.get(name)

    def by_number(self, number: str) -> Line | None:
        """The line that the number called belongs to."""
        return self._by_number.get(number)

    def _add(self, line: Line) -> None:
        if line.name in self._by_name:
            raise Fault(f"Two lines are named {line.name}.", "lines", "Give each line a name of its own.")
        self._by_name[line.name] = line
        for number in line.numbers:
            other = self._by_number.setdefault(number, line)
            if other is not line:
                raise Fault(
                    f"The number {number} belongs to {other.name} and to {line.name}.",
                    "lines",
                    "Leave it on one of them.",
                )
