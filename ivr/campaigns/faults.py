"""What a campaign can't be asked for, told apart by what comes of it."""

from ivr.campaigns.model import CampaignState
from ivr.errors import Fault


class NoCampaign(Fault):
    """There is no campaign of this number."""

    def __init__(self, campaign_id: int) -> None:
        super().__init__(f"There is no campaign {campaign_id}.", "campaign", "Look at the list of campaigns.")


class NameTaken(Fault):
    """Another campaign has the name."""

    def __init__(self, name: str) -> None:
        super().__init__(f"There is a campaign {name} already.", "name", "Choose another name.")


class NotNow(Fault):
    """The state of the campaign does not allow it.

    Attributes:
        state: The one that it is in.
    """

    def __init__(self, state: CampaignState, what: str, fix: str = "") -> None:
        super().__init__(what, "state", fix)
        self.state = state


class NoCall(Fault):
    """A rehearsal was not called; `fix` says why."""

    def __init__(self, fix: str) -> None:
        super().__init__("The call was not made.", "rehearsal", fix)
