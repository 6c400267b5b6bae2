"""Reading profiles: every fault with the file, the line and the field."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedBase
from ruamel.yaml.error import YAMLError

from ivr.errors import Fault
from ivr.kpi.profiles.profile import Profile
from ivr.requests.terms import HomeVisitRule, RequestRules

_KNOWN = 64
"""So many files are remembered as they were read."""


def load_profile(path: Path) -> Profile:
    """Read one profile.

    Raises:
        Fault: The file can't be read, is not YAML, or states something else than a profile may;
            names file, line and field.
    """
    found = _read(path)
    if isinstance(found, Profile):
        return found
    raise found[0]


def examine(path: Path) -> Sequence[Fault]:
    """Everything that is wrong with one profile; nothing where it can be read."""
    try:
        found = _read(path)
    except Fault as fault:
        return [fault]
    return [] if isinstance(found, Profile) else found


def load_profiles(folder: Path) -> Mapping[str, Profile]:
    """Read every profile of a folder, by id.

    Raises:
        Fault: There is none, or one of them is wrong.
    """
    profiles = {profile.id: profile for profile in _profiles(folder)}
    if not profiles:
        raise Fault("There is no profile.", str(folder), "Put the company's standard there as <id>.yaml.")
    return profiles


def request_rules(profiles: Mapping[str, Profile]) -> Mapping[str, RequestRules]:
    """What each standard says of requests, by profile."""
    return {name: profile.requests.rules() for name, profile in profiles.items()}


def visit_rules(profiles: Mapping[str, Profile]) -> Mapping[str, HomeVisitRule]:
    """What each standard says of home visits, by profile; those that are silent are left out."""
    return {name: profile.home_visits for name, profile in profiles.items() if profile.home_visits}


def _profiles(folder: Path) -> Iterator[Profile]:
    for path in sorted(folder.glob("*.yaml")):
        yield load_profile(path)


def _read(path: Path) -> Profile | Sequence[Fault]:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Fault(f"The profile can't be read: {error}.", str(path), "Check the file.") from error
    return _understood(path, text)


@lru_cache(maxsize=_KNOWN)
def _understood(path: Path, text: str) -> Profile | Sequence[Fault]:
    """Several parts of the engine read the same profiles when it starts."""
    tree = _tree(path, text)
    try:
        profile = Profile.model_validate(tree)
    except ValidationError as error:
        return [_fault(path, tree, each) for each in error.errors()]
    if profile.id == path.stem:
        return profile
    return [Fault(f"The id {profile.id!r} differs from the file's name.", str(path), "Make them the same.")]


def _fault(path: Path, tree: Any, error: ErrorDetails) -> Fault:
    place = ".".join(str(step) for step in error["loc"])
    return Fault(
        f"{place or 'the profile'}: {error['msg']}.",
        f"{path}:{_line_of(tree, error['loc'])}",
        "See the fields in ivr/kpi/profiles/.",
    )


def _tree(path: Path, text: str) -> Any:
    try:
        return YAML(typ="rt", pure=True).load(text)
    except YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f"{path}:{mark.line + 1}" if mark else str(path)
        raise Fault(f"This is not YAML: {getattr(error, 'problem', error)}.", place, "") from error


def _line_of(tree: Any, location: tuple[int | str, ...]) -> int:
    """Line (from 1) of the innermost node on the way to a fault that has a position."""
    line = 1
    for step in location:
        if not isinstance(tree, CommentedBase):
            break
        try:
            line = tree.lc.data[step][0] + 1
            tree = tree[step]  # type: ignore[index]
        except (KeyError, IndexError, TypeError):
            break
    return line
