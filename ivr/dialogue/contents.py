"""What is inside a part of a flow: its expressions, texts and prompts, each with its place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeVar

from ivr.dialogue.documents import Place
from ivr.dialogue.schema.values import Expression, Part, PromptId
from ivr.dialogue.templates import Template

Leaf = Expression | Template | PromptId
LeafKind = TypeVar("LeafKind", Expression, Template, PromptId)


def leaves(part: object, path: Place = ()) -> Iterator[tuple[Place, Leaf]]:
    """All expressions, texts and prompt ids, with their paths from the part on."""
    if isinstance(part, Expression | Template | PromptId):
        yield path, part
    for key, inside in members(part):
        yield from leaves(inside, (*path, key))


def of_kind(part: object, kind: type[LeafKind]) -> Iterator[tuple[Place, LeafKind]]:
    """Those of one kind."""
    return ((path, leaf) for path, leaf in leaves(part) if isinstance(leaf, kind))


def members(part: object) -> Iterable[tuple[str | int, object]]:
    """What is right inside a part, with its key or index as it is written."""
    if isinstance(part, Part):
        return ((info.alias or name, getattr(part, name)) for name, info in type(part).model_fields.items())
    if isinstance(part, dict):
        return part.items()
    return enumerate(part) if isinstance(part, tuple) else ()
