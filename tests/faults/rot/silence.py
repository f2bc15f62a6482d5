"""Which damage may pass in silence, and why: all other damage must be told.

Both ways: what is listed here and told all the same is a change that somebody decides
on, here.
"""

import functools
import json
import re
from pathlib import Path

from codanna_lsp.store.journals.journal import HEADER_BYTES, journal_serial
from codanna_lsp.store.metadata import Manifest
from tests.faults.rot.fault import (
    JOURNAL,
    META,
    SPARE,
    Fault,
    manifest_of,
    part_of,
)

_RELEASE = re.compile(
    rb'"major":(0|[1-9]\d*),"minor":(0|[1-9]\d*),"patch":(0|[1-9]\d*)'
)
_NAME = re.compile(
    r"meta\.json|[0-9a-f]{32}\.(term|idx|pos|store|fast|fieldnorm|\d+\.del)"
)


def why_silent(folder: Path, fault: Fault, *, in_use: bool = False) -> str:
    """Why nothing need be said of this damage to a good index; "" if it must be told.

    in_use: it comes while a process uses the index, which then goes on for a while.
    """
    manifest = _manifest_of(folder)
    part = part_of(manifest, fault.name)
    if fault.name == "writer.lock":
        if in_use and fault.how == "delete":
            return ""  # another process could lock a new one
        return "what a lock says is for messages only"
    if part == SPARE:
        return "only what falls back on the generation before reads it; or it is empty"
    if part == META:
        return _why_meta(fault, in_use=in_use)
    if part == JOURNAL:
        return _why_journal(manifest, fault, in_use=in_use)
    return _why_search(folder, fault)


def _why_meta(fault: Fault, *, in_use: bool) -> str:
    if in_use:
        return "its writer reads it no more, and replaces it whole"
    return "the line feed at its end" if fault.how == "minus one" else ""


def _why_journal(manifest: Manifest, fault: Fault, *, in_use: bool) -> str:
    """The newest one holds one transaction, which is the last of all."""
    is_newest = journal_serial(fault.name) == manifest.newest_journal
    how, _, at = fault.how.partition(" ")
    if how == "append" or (how == "twice" and not is_newest):
        return "what stands behind a journal's valid length is ignored"
    cut = fault.how in ("half", "minus one", "reversed")
    behind = how in ("cut", "flip") and int(at.partition(".")[0]) >= HEADER_BYTES
    if is_newest and not in_use and (cut or behind):
        return "the last transaction of all: a crash leaves the same"
    return ""


def _why_search(folder: Path, fault: Fault) -> str:
    name = Path(fault.name).name
    if name == ".managed.json" and fault.how in ("delete", "minus one"):
        return "Tantivy makes it anew; the line feed at its end"
    if not fault.how.startswith("flip") or name == "meta.json":
        return ""
    good = _bytes_of(folder / fault.name)
    at, _, bit = fault.how.removeprefix("flip ").partition(".")
    bad = bytearray(good)
    bad[int(at)] ^= 1 << int(bit)
    if name == ".managed.json" and _is_list_of_names(bytes(bad)):
        return "which files only Tantivy removes; what it forgets is swept"
    found = _RELEASE.search(good, good.rindex(b"{")) if b"{" in good else None
    if found and found.start() <= int(at) < found.end() and _RELEASE.search(bad):
        return "three digits of Tantivy's own release, which nothing reads"
    return ""


@functools.cache
def _manifest_of(folder: Path) -> Manifest:
    return manifest_of(folder)


@functools.cache
def _bytes_of(path: Path) -> bytes:
    return path.read_bytes()


def _is_list_of_names(data: bytes) -> bool:
    try:
        names = json.loads(data)
    except ValueError:
        return False
    return all(map(_NAME.fullmatch, names))
