"""A validator for as much of JSON Schema as `ivr.dialogue.json_schema` uses."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sized
from decimal import Decimal
from typing import Any

Schema = Any
TYPES: Mapping[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "integer": (int,),
    "number": (int, Decimal),
    "boolean": (bool,),
    "null": (type(None),),
}
ANNOTATIONS = frozenset(
    {"$schema", "$defs", "title", "description", "default", "format", "discriminator", "then", "else"}
)


class Validator:
    """Tells whether a document fits a schema."""

    def __init__(self, schema: Schema) -> None:
        self._root = schema

    def fits(self, document: object) -> bool:
        """Whether it fits."""
        return self._fits(document, self._root)

    def _fits(self, value: Any, schema: Schema) -> bool:
        if isinstance(schema, bool):
            return schema
        return all(KEYWORDS[keyword](self, value, schema) for keyword in schema if keyword not in ANNOTATIONS)

    def reference(self, value: Any, schema: Schema) -> bool:
        return self._fits(value, self._root["$defs"][schema["$ref"].removeprefix("#/$defs/")])

    def any_of(self, value: Any, schema: Schema) -> bool:
        return any(self._fits(value, one) for one in schema["anyOf"])

    def one_of(self, value: Any, schema: Schema) -> bool:
        return sum(self._fits(value, one) for one in schema["oneOf"]) == 1

    def without(self, value: Any, schema: Schema) -> bool:
        return not self._fits(value, schema["not"])

    def condition(self, value: Any, schema: Schema) -> bool:
        branch = "then" if self._fits(value, schema["if"]) else "else"
        return self._fits(value, schema.get(branch, True))

    def properties(self, value: Any, schema: Schema) -> bool:
        return not isinstance(value, dict) or all(
            self._fits(value[key], inner) for key, inner in schema["properties"].items() if key in value
        )

    def pattern_properties(self, value: Any, schema: Schema) -> bool:
        return not isinstance(value, dict) or all(
            self._fits(item, inner)
            for pattern, inner in schema["patternProperties"].items()
            for key, item in value.items()
            if re.search(pattern, key)
        )

    def additional_properties(self, value: Any, schema: Schema) -> bool:
        return not isinstance(value, dict) or all(
            self._fits(value[key], schema["additionalProperties"]) for key in _additional(value, schema)
        )

    def property_names(self, value: Any, schema: Schema) -> bool:
        return not isinstance(value, dict) or all(self._fits(key, schema["propertyNames"]) for key in value)

    def items(self, value: Any, schema: Schema) -> bool:
        return not isinstance(value, list) or all(self._fits(item, schema["items"]) for item in value)


def _additional(value: dict[str, Any], schema: Schema) -> Iterator[str]:
    patterns = schema.get("patternProperties", {})
    for key in value:
        if key not in schema.get("properties", {}) and not any(re.search(one, key) for one in patterns):
            yield key


def _type(_validator: Validator, value: Any, schema: Schema) -> bool:
    names = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    return any(
        isinstance(value, TYPES[name]) and (isinstance(value, bool) == (name == "boolean")) for name in names
    )


def _size(measure: str, bound: Callable[[int, int], bool], kind: type[Sized]) -> Callable[..., bool]:
    def check(_validator: Validator, value: Any, schema: Schema) -> bool:
        return not isinstance(value, kind) or bound(len(value), schema[measure])

    return check


def _amount(measure: str, bound: Callable[[Any, Any], bool]) -> Callable[..., bool]:
    def check(_validator: Validator, value: Any, schema: Schema) -> bool:
        return not isinstance(value, int | Decimal) or bound(value, schema[measure])

    return check


KEYWORDS: Mapping[str, Callable[..., bool]] = {
    "$ref": Validator.reference,
    "anyOf": Validator.any_of,
    "oneOf": Validator.one_of,
    "not": Validator.without,
    "if": Validator.condition,
    "properties": Validator.properties,
    "patternProperties": Validator.pattern_properties,
    "additionalProperties": Validator.additional_properties,
    "propertyNames": Validator.property_names,
    "items": Validator.items,
    "type": _type,
    "required": lambda _, value, schema: (
        not isinstance(value, dict) or all(key in value for key in schema["required"])
    ),
    "enum": lambda _, value, schema: value in schema["enum"],
    "const": lambda _, value, schema: value == schema["const"],
    "pattern": lambda _, value, schema: (
        not isinstance(value, str) or re.search(schema["pattern"], value) is not None
    ),
    "minLength": _size("minLength", lambda size, least: size >= least, str),
    "minItems": _size("minItems", lambda size, least: size >= least, list),
    "maxItems": _size("maxItems", lambda size, most: size <= most, list),
    "minProperties": _size("minProperties", lambda size, least: size >= least, dict),
    "maxProperties": _size("maxProperties", lambda size, most: size <= most, dict),
    "minimum": _amount("minimum", lambda value, least: value >= least),
    "maximum": _amount("maximum", lambda value, most: value <= most),
}
