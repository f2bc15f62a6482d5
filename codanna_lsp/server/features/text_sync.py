"""didOpen, didChange, didSave, didClose: what the client's text is right now."""

from typing import Any

from codanna_lsp.server.from_lsp import (
    Position,
    invalid,
    read_integer,
    read_list,
    read_object,
    read_range,
    read_text,
    read_uri,
)
from codanna_lsp.server.lsp_server import CodannaServer


def did_open(ls: CodannaServer, params: Any) -> None:
    """Take a document as the client opened it."""
    uri = read_uri(params)
    given = read_object(params["textDocument"])
    ls.session.open_document(
        uri,
        language_id=read_text(given.get("languageId", ""), "textDocument.languageId"),
        version=read_integer(given.get("version", 0), "textDocument.version"),
        text=read_text(given.get("text"), "textDocument.text"),
    )


def did_change(ls: CodannaServer, params: Any) -> None:
    """Make the changes in their order; a change without range is the whole text."""
    uri = read_uri(params)
    session = ls.session
    document = session.find_document(uri)
    if document is None:
        raise invalid("textDocument.uri: the document is not open")
    version = params["textDocument"].get("version")
    if version is not None:
        version = read_integer(version, "textDocument.version")
    # All are read before the first is made: a bad one leaves the text as it was.
    listed = read_list(params.get("contentChanges"), "contentChanges")
    for place, text in [_read_change(change) for change in listed]:
        if place is None:
            document.replace(text)
        else:
            document.edit(*place, text, encoding=session.client.encoding)
    if version is not None:
        document.version = version
    session.document_changed(document)


def did_save(ls: CodannaServer, params: Any) -> None:
    """Index the file that the client wrote, as one transaction."""
    ls.session.document_saved(read_uri(params))


def did_close(ls: CodannaServer, params: Any) -> None:
    """From now on the file on disk counts."""
    ls.session.close_document(read_uri(params))


def _read_change(value: Any) -> tuple[tuple[Position, Position] | None, str]:
    """Where a text is changed, None for all of it, and what stands there then."""
    change = read_object(value, "contentChanges[]")
    text = read_text(change.get("text"), "contentChanges[].text")
    if change.get("range") is None:
        return None, text
    return read_range(change["range"], "contentChanges[].range"), text
