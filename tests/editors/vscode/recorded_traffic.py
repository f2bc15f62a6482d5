"""Recorded messages against the protocol's own types.

A message that lsprotocol cannot read, and a key that it does not know, is a violation of
the server's. An editor may be ahead of the types that we have.
"""

import json
from pathlib import Path
from typing import Any, cast

from lsprotocol import converters
from lsprotocol.types import METHOD_TO_TYPES

from codanna_lsp.server.from_lsp import is_list

_CONVERTER = converters.get_converter()
# Ours, and eglot's way of sorting symbols.
_OWN_METHODS = ("codanna/", "experimental/")
_OWN_KEYS = ("score",)


def violations(record: Path) -> list[str]:
    """What is wrong in a record of traffic_tee.py, one line each."""
    asked: dict[tuple[int, str, Any], str] = {}
    found: list[str] = []
    for number, line in enumerate(record.read_text("utf-8").splitlines(), 1):
        entry = json.loads(line)
        session, who, message = entry["session"], entry["from"], entry["message"]
        method = message.get("method")
        if method is not None:
            if "id" in message:
                asked[session, who, message["id"]] = method
        else:
            other = "server" if who == "editor" else "editor"
            method = asked.pop((session, other, message.get("id")), None)
            if method is None and who == "server":
                found.append(f"{number}: an answer that nobody asked for")
        if who == "server" and method is not None:
            found.extend(
                f"{number}: {method}{text}" for text in _wrong(message, method)
            )
    return found


def _wrong(message: Any, method: str) -> list[str]:
    if method.startswith(_OWN_METHODS) or "error" in message:
        return []
    kinds: Any = METHOD_TO_TYPES.get(method)
    if kinds is None:
        return [" is no method"]
    kind = kinds[0] if "method" in message else kinds[1]
    if kind is None:
        return [" has no answer"]
    try:
        read = _CONVERTER.structure(message, kind)
    except Exception as error:  # noqa: BLE001 - whatever it raises is the finding
        return [f" cannot be read: {error!r}"[:300]]
    return _lost(message, json.loads(json.dumps(_CONVERTER.unstructure(read))))


def _lost(told: Any, kept: Any, path: str = "") -> list[str]:
    """What of a message was lost while it was read: keys that the types do not know."""
    found: list[str] = []
    if isinstance(told, dict) and isinstance(kept, dict):
        known = cast("dict[str, Any]", kept)
        for key, value in cast("dict[str, Any]", told).items():
            if key in known:
                found.extend(_lost(value, known[key], f"{path}.{key}"))
            elif key not in _OWN_KEYS and value is not None:
                found.append(f"{path}.{key} is unknown")
    elif is_list(told) and is_list(kept):
        for one, other in zip(told, kept, strict=False):
            found.extend(_lost(one, other, f"{path}[]"))
    return found
