"""Settings of alarms."""

from __future__ import annotations

from datetime import time

from pydantic import BaseModel, ConfigDict, Field


class AlarmSettings(BaseModel):
    """What supervisors are alarmed of, and how long it has to last."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    every_seconds: float = Field(5.0, gt=0, description="How often everything is looked at, seconds.")
    raise_seconds: float = Field(
        10.0, ge=0, description="How long something has to be wrong before the alarm, seconds."
    )
    over_seconds: float = Field(
        30.0, ge=0, description="How long it has to be right again before the alarm is over, seconds."
    )
    clear_share: float = Field(
        0.8, gt=0, le=1, description="It is right again below this share of the limit that was exceeded."
    )
    queue_callers: int = Field(10, ge=1, description="Alarm at so many callers who wait in one queue.")
    wait_share: float = Field(
        0.8,
        gt=0,
        le=1,
        description="Alarm when somebody has waited this share of the longest wait that the standard of his "
        "line allows; where it is silent, of desk.waiting.max_wait_seconds.",
    )
    target_least_calls: int = Field(
        20, ge=1, description="Fewer calls than this behind today's figure give no alarm of a target."
    )
    target_window_seconds: float = Field(
        3600.0,
        gt=0,
        description="The rest of the day is expected to be like so much of the last time, seconds.",
    )
    day_ends: time = Field(
        time(20, 0), description="Until when a day's calls come, for the same, in the company's time zone."
    )
    disk_free_bytes: int = Field(
        1_000_000_000, ge=0, description="Alarm when less is free in data_folder, bytes."
    )
    database_seconds: float = Field(
        1.0, gt=0, description="Alarm when the database takes longer for one small write, seconds."
    )
    recording_stuck_seconds: float = Field(
        900.0, gt=0, description="Alarm when a finished recording waits so long to be taken over, seconds."
    )
    recording_silent_seconds: float = Field(
        30.0, gt=0, description="Alarm when people talk and nothing has been recorded for so long, seconds."
    )
    kept_days: int = Field(400, ge=1, description="How long alarms that are over are kept, days.")
