"""The document of the API (OpenAPI 3.1), made from the declarations that the server itself works by."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from importlib.metadata import version
from typing import Any, Literal

from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode, models_json_schema

from ivr.web import uploads
from ivr.web.api.route import Route
from ivr.web.frame import BASE, Direct
from ivr.web.gate import COOKIE, TOKEN_HEADER
from ivr.web.wire import ErrorAnswer

_VARIABLE = re.compile(r"{(\w+)}")
_FILE = {"type": "string", "format": "binary"}
_REFERENCE = "#/components/schemas/{model}"
_Schemas = Mapping[Any, Mapping[str, Any]]
_IN: Literal["validation"] = "validation"
_OUT: Literal["serialization"] = "serialization"


def document(routes: Sequence[Route], direct: Sequence[Direct]) -> dict[str, Any]:
    """The document of all calls of the API."""
    calls: list[Route | Direct] = sorted([*routes, *direct], key=lambda each: (each.path, each.method))
    schemas, definitions = models_json_schema([*dict.fromkeys(_models(calls))], ref_template=_REFERENCE)
    parts = definitions.get("$defs", {})
    paths: dict[str, dict[str, Any]] = {}
    for call in calls:
        paths.setdefault(BASE + call.path, {})[call.method.lower()] = _operation(call, schemas, parts)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "ivr: the operator's workplace",
            "version": version("ivr"),
            "description": "Live events come over the WebSocket /api/events; ivr.web.hub tells how.",
        },
        "servers": [{"url": "/"}],
        "security": [{"session": []}],
        "paths": paths,
        "components": {
            "schemas": parts,
            "securitySchemes": {
                "session": {"type": "apiKey", "in": "cookie", "name": COOKIE},
                "token": {"type": "apiKey", "in": "header", "name": TOKEN_HEADER},
            },
        },
    }


def _models(calls: Sequence[Route | Direct]) -> Iterator[tuple[type[BaseModel], JsonSchemaMode]]:
    yield ErrorAnswer, _OUT
    for call in calls:
        if call.body is not None:
            yield call.body, _IN
        if isinstance(call, Route) and call.query is not None:
            yield call.query, _IN
        if call.answer is not None:
            yield call.answer, _OUT


def _operation(call: Route | Direct, schemas: _Schemas, parts: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {
        "summary": call.title,
        "operationId": _identifier(call),
        "responses": _responses(call, schemas),
    }
    if parameters := [*_path_parameters(call), *_query_parameters(call, schemas, parts)]:
        found["parameters"] = parameters
    if call.body is not None:
        found["requestBody"] = {"required": True, "content": _json(schemas[call.body, _IN])}
    if isinstance(call, Route) and call.upload:
        found["requestBody"] = {"required": True, "content": {uploads.MEDIA_TYPE: {"schema": _FILE}}}
    if isinstance(call, Direct) and not call.signed_in:
        found["security"] = []
    elif call.method != "GET":
        found["security"] = [{"session": [], "token": []}]
    if isinstance(call, Route):
        found["x-right"] = call.right.value
    return found


def _responses(call: Route | Direct, schemas: _Schemas) -> dict[str, Any]:
    refused = {"description": "Refused", "content": _json(schemas[ErrorAnswer, _OUT])}
    if isinstance(call, Route) and call.media_type is not None:
        done = {"description": "A file", "content": {call.media_type: {"schema": _FILE}}}
        return {str(call.status): done, "default": refused}
    if call.answer is None:
        return {str(call.status if isinstance(call, Direct) else 204): {"description": "Done"}} | {
            "default": refused
        }
    done = {"description": "Done", "content": _json(schemas[call.answer, _OUT])}
    return {str(call.status): done, "default": refused}


def _path_parameters(call: Route | Direct) -> Iterator[dict[str, Any]]:
    for name in _VARIABLE.findall(call.path):
        yield {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}


def _query_parameters(
    call: Route | Direct, schemas: _Schemas, parts: Mapping[str, Any]
) -> Iterator[dict[str, Any]]:
    if not isinstance(call, Route) or call.query is None:
        return
    schema = parts[schemas[call.query, _IN]["$ref"].rpartition("/")[2]]
    for name, field in schema.get("properties", {}).items():
        yield {"name": name, "in": "query", "required": name in schema.get("required", ()), "schema": field}


def _identifier(call: Route | Direct) -> str:
    words = re.sub(r"\W+", "_", call.path).strip("_")
    return f"{call.method.lower()}_{words}"


def _json(schema: Mapping[str, Any]) -> dict[str, Any]:
    return {"application/json": {"schema": schema}}
