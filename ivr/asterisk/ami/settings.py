"""Settings of the manager links."""

from pydantic import BaseModel, ConfigDict, Field, SecretStr


class AmiLogin(BaseModel):
    """A user of manager.conf."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    user: str = Field(description="Name of the section in manager.conf.")
    secret: SecretStr = Field(default=SecretStr(""), description="Its secret; empty: the instance's own.")


class AmiSettings(BaseModel):
    """Where Asterisk's manager interface is, who logs in, and how patient the links are."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    host: str = Field(default="127.0.0.1", description="Address of the manager interface.")
    port: int = Field(default=5038, ge=1, le=65535, description="TCP port of the manager interface.")
    events: AmiLogin = Field(default=AmiLogin(user="ivr-events"), description="User of the event session.")
    actions: AmiLogin = Field(default=AmiLogin(user="ivr-actions"), description="User of the action session.")
    event_classes: str = Field(
        default="system,call,agent,user,dtmf",
        description="Classes of events asked for, as in manager.conf's `read`; `system` is needed.",
    )
    snapshot_variables: tuple[str, ...] = Field(
        default=("CALL_ID",), description="Channel variables that a snapshot reads."
    )
    connect_timeout_seconds: float = Field(default=5.0, gt=0, description="Limit of a connection attempt.")
    action_timeout_seconds: float = Field(default=5.0, gt=0, description="Limit of one action.")
    boot_limit_seconds: float = Field(
        default=120.0, gt=0, description="How long a starting Asterisk may take from login to fully booted."
    )
    ping_interval_seconds: float = Field(default=10.0, gt=0, description="Pause between two Pings.")
    pong_limit_seconds: float = Field(
        default=5.0, gt=0, description="A Ping unanswered for so long means a dead link."
    )
    reconnect_first_seconds: float = Field(default=0.5, gt=0, description="Delay of the first reconnect.")
    reconnect_most_seconds: float = Field(default=8.0, gt=0, description="Longest delay of a reconnect.")
    refused_retry_seconds: float = Field(
        default=60.0, gt=0, description="Delay after Asterisk refused the login or lacks a permission."
    )
    queue_limit: int = Field(
        default=10_000,
        ge=1,
        description="Events waiting for handlers; beyond it they are dropped and resynced.",
    )
    handler_limit_seconds: float = Field(
        default=10.0, gt=0, description="Limit of one asynchronous handler; it holds up all that follow."
    )
