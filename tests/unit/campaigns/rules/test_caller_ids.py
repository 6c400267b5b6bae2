"""Caller ids come from the white list alone."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from ivr.campaigns.rules.caller_ids import caller_id
from ivr.campaigns.settings import CallerId, CampaignsSettings
from ivr.errors import Fault

MAIN = CallerId(number="+74951234567", label="Энергосбыт")
OTHER = CallerId(number="+74951234568")
BOTH = CampaignsSettings(caller_ids={"main": MAIN, "other": OTHER})


def test_the_one_that_is_named() -> None:
    assert caller_id(BOTH, "other") is OTHER


def test_without_a_name_the_usual_one_or_the_only_one() -> None:
    assert caller_id(CampaignsSettings(caller_ids={"main": MAIN}), "") is MAIN
    assert caller_id(BOTH.model_copy(update={"caller_id": "main"}), "") is MAIN


@pytest.mark.parametrize("name", ["", "stranger", "+74951234567"])
def test_what_is_not_listed_is_refused(name: str) -> None:
    with pytest.raises(Fault, match="main, other"):
        caller_id(BOTH, name)


def test_the_usual_one_has_to_be_listed() -> None:
    with pytest.raises(ValidationError, match="white list"):
        CampaignsSettings(caller_ids={"main": MAIN}, caller_id="other")
