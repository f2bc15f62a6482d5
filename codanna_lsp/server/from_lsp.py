"""From LSP's JSON to our words, strictly: what is no such thing is "invalid params".

Invariant: a reader returns a value of the type that it names, or raises.
"""

from collections.abc import Mapping
from typing import Any, TypeGuard

from codanna_lsp.server.guard import INVALID_PARAMS, ResponseFailure

Json = Mapping[str, Any]
Position = tuple[int, int]

MAX_UINTEGER = (1 << 31) - 1


def is_object(value: Any) -> TypeGuard[dict[str, Any]]:
    """Whether a value is a JSON object."""
    return isinstance(value, dict)


def is_list(value: Any) -> TypeGuard[list[Any]]:
    """Whether a value is a JSON array."""
    return isinstance(value, list)


def invalid(what: str) -> ResponseFailure:
    """The error response that says what is wrong with a request's params."""
    return ResponseFailure(INVALID_PARAMS, what)


def read_object(value: Any, name: str = "params") -> Json:
    """A JSON object."""
    if not is_object(value):
        raise invalid(f"{name} must be an object")
    return value


def read_list(value: Any, name: str) -> list[Any]:
    """A JSON array."""
    if not is_list(value):
        raise invalid(f"{name} must be an array")
    return value


def read_text(value: Any, name: str) -> str:
    """A JSON string."""
    if not isinstance(value, str):
        raise invalid(f"{name} must be a string")
    return value


def read_integer(value: Any, name: str) -> int:
    """A JSON integer (a document's version may be below zero)."""
    if not isinstance(value, int) or isinstance(value, bool):
        raise invalid(f"{name} must be an integer")
    return value


def read_uri(params: Any) -> str:
    """`params.textDocument.uri`."""
    document = read_object(read_object(params).get("textDocument"), "textDocument")
    return read_text(document.get("uri"), "textDocument.uri")


def read_position(value: Any, name: str = "position") -> Position:
    """LSP's line and character, as the client counts them."""
    position = read_object(value, name)
    return (
        _read_uinteger(position.get("line"), f"{name}.line"),
        _read_uinteger(position.get("character"), f"{name}.character"),
    )


def read_range(value: Any, name: str) -> tuple[Position, Position]:
    """LSP's start and end, as the client counts them."""
    found = read_object(value, name)
    return (
        read_position(found.get("start"), f"{name}.start"),
        read_position(found.get("end"), f"{name}.end"),
    )


def dig(value: Any, *keys: str) -> Any:
    """What lies at the end of a chain of keys, None where the chain breaks."""
    for key in keys:
        if not is_object(value):
            return None
        value = value.get(key)
    return value


def _read_uinteger(value: Any, name: str) -> int:
    number = read_integer(value, name)
    if not 0 <= number <= MAX_UINTEGER:
        raise invalid(f"{name} must be from 0 to {MAX_UINTEGER}")
    return number
