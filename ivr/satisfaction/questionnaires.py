"""Questionnaires as data: `metrics/questionnaires/*.yaml` read and examined, every fault with its place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from ivr.errors import Fault
from ivr.kpi.profiles import Cycle, Profile, Segment, Survey
from ivr.kpi.profiles.duties import SurveyWay

_FIX = "See docs/supervisor.md and the other questionnaires."
_ID = "^[a-z][a-z0-9-]*$"
_NEAR = 1e-6


class Kind(StrEnum):
    """What kind of answer a question takes."""

    SCORE = "score"  # 1 to 5
    NPS = "nps"  # 0 to 10
    YES_NO = "yes-no"
    CHOICE = "choice"
    WORDS = "words"


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Question(_Part):
    """One question."""

    id: str = Field(pattern=_ID)
    kind: Kind
    text: str = Field(min_length=1, description="As the client is asked, in Russian.")
    overall: bool = Field(False, description="Whether CSAT is made of it.")
    weight: float | None = Field(None, gt=0, le=1, description="Importance of the attribute, for the CSI.")
    options: Mapping[str, str] = Field(default_factory=dict, description="Id of each answer → its text.")

    @model_validator(mode="after")
    def _fits_its_kind(self) -> Self:
        if (self.overall or self.weight) and self.kind is not Kind.SCORE:
            raise ValueError("overall and weight belong to a question of the kind score")
        if self.overall and self.weight:
            raise ValueError("the overall score is not an attribute of itself: leave the weight out")
        if bool(self.options) != (self.kind is Kind.CHOICE):
            raise ValueError("options belong to a question of the kind choice, and to no other")
        return self


class Questionnaire(_Part):
    """What a group of clients is asked; one file each."""

    id: str = Field(pattern=_ID)
    title: str = Field(min_length=1, description="For people, in Russian.")
    profile: str = Field(description="Id of the standard.")
    survey: str | None = Field(None, description="Id of the survey in the standard that it answers to.")
    segment: Segment = Field(Segment.ANY, description="Clients it is for.")
    cycle: Cycle | None = Field(
        None, description="How often, where the standard does not say; company's own."
    )
    ways: tuple[SurveyWay, ...] = Field(min_length=1, description="Where clients are asked.")
    sample: int = Field(400, ge=1, description="How many clients a wave wants to hear.")
    questions: tuple[Question, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _makes_figures(self) -> Self:
        ids = [each.id for each in self.questions]
        if twice := sorted({one for one in ids if ids.count(one) > 1}):
            raise ValueError(f"asked twice: {', '.join(twice)}")
        if sum(each.overall for each in self.questions) != 1:
            raise ValueError("exactly one question is the overall one")
        if sum(each.kind is Kind.NPS for each in self.questions) > 1:
            raise ValueError("at most one question is of the kind nps")
        if self.weights and abs(sum(self.weights.values()) - 1) > _NEAR:
            raise ValueError(f"the weights add up to {sum(self.weights.values()):.3f}, not to 1")
        return self

    @property
    def weights(self) -> Mapping[str, float]:
        """Importance by attribute."""
        return {each.id: each.weight for each in self.questions if each.weight}

    def question(self, id: str) -> Question | None:
        """The question of an id."""
        return next((each for each in self.questions if each.id == id), None)


Questionnaires = Mapping[str, Questionnaire]


def load_questionnaires(folder: Path, profiles: Mapping[str, Profile]) -> Questionnaires:
    """Read all of a folder, by id; a folder that is not there holds none.

    Raises:
        Fault: The first thing that is wrong.
    """
    found, faults = _read_all(folder, profiles)
    if faults:
        raise faults[0]
    return found


def examine(folder: Path, profiles: Mapping[str, Profile]) -> Sequence[Fault]:
    """Everything that is wrong with the questionnaires of a folder."""
    return _read_all(folder, profiles)[1]


def _read_all(folder: Path, profiles: Mapping[str, Profile]) -> tuple[Questionnaires, list[Fault]]:
    found: dict[str, Questionnaire] = {}
    faults: list[Fault] = []
    for path in sorted(folder.glob("*.yaml")):
        one = _read(path)
        if isinstance(one, Questionnaire):
            found[one.id] = one
            faults += [Fault(what, str(path), _FIX) for what in _against(one, path, profiles)]
        else:
            faults += one
    faults += [Fault(what, str(folder), _FIX) for what in _unasked(found.values(), profiles)]
    return found, faults


def _read(path: Path) -> Questionnaire | list[Fault]:
    try:
        tree = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
        return Questionnaire.model_validate(tree)
    except (OSError, UnicodeDecodeError, YAMLError) as error:
        return [Fault(f"It can't be read: {type(error).__name__}.", str(path), _FIX)]
    except ValidationError as error:
        return [Fault(f"{_place(each['loc'])}{each['msg']}.", str(path), _FIX) for each in error.errors()]


def _place(steps: Sequence[Any]) -> str:
    return f"{'.'.join(str(step) for step in steps)}: " if steps else ""


def _against(one: Questionnaire, path: Path, profiles: Mapping[str, Profile]) -> Iterator[str]:
    """What does not fit the standard."""
    if one.id != path.stem:
        yield f"The id {one.id!r} differs from the file's name."
    profile = profiles.get(one.profile)
    if profile is None:
        yield f"There is no standard {one.profile!r}; there are {', '.join(sorted(profiles))}."
        return
    if one.survey is None:
        return
    survey = survey_of(one, profile)
    if survey is None:
        yield f"The standard {one.profile} has no survey {one.survey!r}."
        return
    if one.cycle is not None:
        yield "The standard says how often: leave the cycle out."
    if survey.per_segment and one.segment is Segment.ANY:
        yield "The standard wants a questionnaire for each kind of client: name the segment."
    strange = set(one.ways) - set(survey.ways)
    if strange and SurveyWay.ANY not in survey.ways:
        yield f"The standard names other ways: not {', '.join(sorted(strange))}."


def _unasked(all_of_them: Any, profiles: Mapping[str, Profile]) -> Iterator[str]:
    """Kinds of client without the questionnaire that a standard wants for each, once there is any for it."""
    there = {(one.profile, one.survey, one.segment) for one in all_of_them}
    for name, survey in {(one.profile, one.survey) for one in all_of_them}:
        stated = profiles[name].surveys if name in profiles else ()
        if not any(each.id == survey and each.per_segment for each in stated):
            continue
        for segment in (Segment.PRIVATE, Segment.CORPORATE):
            if (name, survey, segment) not in there:
                yield f"The survey {survey} of {name} lacks a questionnaire for {segment.value} clients."


def survey_of(one: Questionnaire, profile: Profile) -> Survey | None:
    """What the standard says of the survey that a questionnaire answers to."""
    return next((each for each in profile.surveys if each.id == one.survey), None)
