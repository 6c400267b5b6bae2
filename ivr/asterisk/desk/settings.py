"""Settings of the switchboard."""

from pydantic import BaseModel, ConfigDict, Field


class SwitchboardSettings(BaseModel):
    """How patient the switchboard is."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    operator_seconds: float = Field(
        default=20.0, ge=1, description="How long the telephone of who gave an order is rung, seconds."
    )
    loss_seconds: float = Field(
        default=5.0,
        gt=0,
        description="Hang-ups of a telephone within so many seconds after its page has said that it vanishes"
        " are a loss.",
    )
