"""Nothing is told to people by its id."""

from __future__ import annotations

import pytest

from ivr.campaigns.dialling.fates import CONNECTED, CONNECTED_LATE, PAID
from ivr.campaigns.dialling.placing import _NEVER, _NO_ACCOUNT, _NOBODY
from ivr.campaigns.dialling.preview import NEEDLESS
from ivr.campaigns.model import Disposition
from ivr.campaigns.report.words import outcomes_of

OWN = [CONNECTED, CONNECTED_LATE, PAID, NEEDLESS, *(over.outcome for over in (_NOBODY, _NO_ACCOUNT))]


@pytest.mark.parametrize("outcome", [*OWN, *(over.outcome for over in _NEVER.values()), *Disposition])
def test_how_a_target_may_end_has_a_name(outcome: str) -> None:
    assert outcomes_of({})(str(outcome)) != str(outcome)
