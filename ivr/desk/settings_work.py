"""Settings of what must not be forgotten: call-backs, lost calls, tasks, the survey."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class WorkSettings(BaseModel):
    """Call-backs, lost calls, tasks, the survey."""

    model_config = ConfigDict(frozen=True, extra="forbid")
