"""Facts and the store's frames to bytes and back.

Packed facts:

    version u8 = 2 | outline size u32 | outline packed u32 | rest size u32
    outline   one Zstandard frame (see `index/packed/compression.py`)
    rest      another one, to the end

The outline (see `_pack_outline`) is what the columns are built from; it is read
without touching the rest. Both are columns as `index.packing` draws them.

Invariant: the only file that imports msgpack.
Invariant: whatever the bytes are, reading them raises CodecError or nothing, and takes
memory that the named limits bound.
"""

import struct
from array import array
from collections.abc import Mapping, Sequence
from operator import add, ge, sub
from typing import Any, NamedTuple

import msgpack  # pyright: ignore[reportMissingImports]

from codanna_lsp.errors import CodecError
from codanna_lsp.index.packed.compression import compress, decompress
from codanna_lsp.index.packed.msgpack_shape import check_shape
from codanna_lsp.index.packed.packing import (
    Unpacker,
    pack_deltas,
    pack_ints,
    pack_texts,
)
from codanna_lsp.model.facts import FileFacts
from codanna_lsp.model.imports import Import
from codanna_lsp.model.relation import Relation
from codanna_lsp.model.symbol import Symbol

MAX_PACKED_BYTES = 1 << 30
MAX_PART_BYTES = 1 << 28  # of an outline or a rest, unpacked
MAX_ROWS = 1 << 24  # symbols, relations, imports or identifiers of one file
MAX_ITEMS = 4096  # of one frame or table, unless its reader says otherwise
MAX_DEPTH = 16
_VERSION = 2
_HEAD = struct.Struct("<BIII")
_COUNT = struct.Struct("<I")
_msgpack: Any = msgpack  # it has no types

_Columns = tuple[tuple[Any, ...], ...]  # of the symbols: a Symbol's fields, in order


class Outline(NamedTuple):
    """The symbols of one file as columns, row by row in source order.

    containers: index of the enclosing symbol, or -1. scopes: by row, where not "".
    """

    names: list[str]
    kinds: bytes
    flags: bytes
    lines: "array[int]"
    columns: "array[int]"
    end_columns: "array[int]"
    containers: "array[int]"
    scopes: dict[int, str]


def pack(value: Any) -> bytes:
    """None, booleans, integers, texts, bytes, and lists and dicts of them, as msgpack.

    Raises:
        CodecError: the value holds something else.
    """
    try:
        packed = _msgpack.packb(
            value, use_bin_type=True, unicode_errors="surrogatepass"
        )
    except (TypeError, ValueError, OverflowError, RecursionError) as error:
        raise CodecError(f"cannot be packed: {error}") from error
    return bytes(packed)


def unpack(
    data: bytes | memoryview, *, max_items: int = MAX_ITEMS, max_depth: int = MAX_DEPTH
) -> Any:
    """What `pack` was given, with tuples for lists.

    Raises:
        CodecError: not one whole value, more than `max_items` values in it (the keys
            of a dict count), or nested deeper than `max_depth`.
    """
    whole = bytes(data)
    if len(whole) > MAX_PACKED_BYTES:
        raise CodecError("too many bytes for one packed value")
    check_shape(whole, max_items=max_items, max_depth=max_depth)
    try:
        return _msgpack.unpackb(
            whole,
            raw=False,
            use_list=False,
            strict_map_key=False,
            unicode_errors="surrogatepass",
        )
    except (ValueError, TypeError, RecursionError, _msgpack.UnpackException) as error:
        raise CodecError(f"packed bytes are damaged: {error}") from error


def pack_facts(facts: FileFacts) -> bytes:
    """Packed facts (see the module's drawing).

    Raises:
        CodecError: a number is out of range.
    """
    outline, rest = plain_parts(facts)
    outline_packed = compress(outline)
    head = _HEAD.pack(_VERSION, len(outline), len(outline_packed), len(rest))
    return head + outline_packed + compress(rest)


def plain_parts(facts: FileFacts) -> tuple[bytes, bytes]:
    """Outline and rest before they are compressed.

    Raises:
        CodecError: a number is out of range.
    """
    columns = tuple(zip(*facts.symbols, strict=True))
    return _pack_outline(facts, columns), _pack_rest(facts, columns)


def unpack_facts(data: bytes | memoryview) -> FileFacts:
    """The facts of `pack_facts`.

    Raises:
        CodecError: the bytes are not packed facts.
    """
    plain, rest = inflate_facts(data)
    language, reason, outline = _unpack_outline(plain)
    return _unpack_rest(Unpacker(rest), language, reason, outline)


def inflate_facts(data: bytes | memoryview) -> tuple[bytes, bytes]:
    """The plain bytes of packed facts: the outline's columns, and the rest's.

    Raises:
        CodecError: the bytes are not packed facts.
    """
    (outline_size, rest_size), outline_packed, rest_packed = _parts(data)
    return decompress(outline_packed, outline_size), decompress(rest_packed, rest_size)


def unpack_outline(data: bytes | memoryview) -> Outline:
    """The symbols of packed facts as columns, the rest left alone.

    Raises:
        CodecError: the bytes are not packed facts.
    """
    return _unpack_outline(inflate_outline(data))[2]


def inflate_outline(data: bytes | memoryview) -> bytes:
    """The plain bytes of the outline of packed facts.

    Raises:
        CodecError: the bytes are not packed facts.
    """
    (size, _), outline_packed, _rest = _parts(data)
    return decompress(outline_packed, size)


def dump_facts(facts: FileFacts) -> dict[str, Any]:
    """The facts as plain JSON-like data: equal for equal facts, whoever packed them."""
    return {
        "language": facts.language,
        "reason": facts.reason,
        "symbols": [list(symbol) for symbol in facts.symbols],
        "relations": [list(relation) for relation in facts.relations],
        "imports": [list(item) for item in facts.imports],
        "identifiers": list(facts.identifiers),
    }


def _parts(data: bytes | memoryview) -> tuple[tuple[int, int], memoryview, memoryview]:
    view = memoryview(data)
    if not _HEAD.size <= len(view) <= MAX_PACKED_BYTES:
        raise CodecError("packed facts are too short or too long")
    version, outline_size, outline_packed, rest_size = _HEAD.unpack_from(view)
    if version != _VERSION:
        raise CodecError(f"packed facts of unknown version {version}")
    if max(outline_size, rest_size) > MAX_PART_BYTES:
        raise CodecError("packed facts are larger than is allowed")
    stop = _HEAD.size + outline_packed
    if stop > len(view):
        raise CodecError("packed facts end too early")
    return (outline_size, rest_size), view[_HEAD.size : stop], view[stop:]


def _pack_outline(facts: FileFacts, rows: _Columns) -> bytes:
    """Language and reason | count u32 | names | kinds | flags | lines (deltas) |
    columns | widths minus the names' lengths | containers (deltas) | scoped u32 |
    their rows (deltas) | their scopes.
    """
    count = _COUNT.pack(len(facts.symbols))
    parts = [pack_texts((facts.language, facts.reason)), count]
    if rows:
        names, kinds, flags, containers, scopes, lines, columns, ends = rows[:8]
        widths = map(sub, ends, columns)
        scoped: list[int] = []
        if any(scopes):
            scoped = [row for row, scope in enumerate(scopes) if scope]
        parts += (
            pack_texts(names),
            pack_ints(kinds),
            pack_ints(flags),
            pack_deltas(lines),
            pack_ints(columns),
            pack_ints(tuple(map(sub, widths, map(len, names)))),
            pack_deltas(containers),
            _COUNT.pack(len(scoped)),
            pack_deltas(scoped),
            pack_texts([scopes[row] for row in scoped]),
        )
    return b"".join(parts)


def _unpack_outline(plain: bytes) -> tuple[str, str, Outline]:
    columns = Unpacker(plain)
    language, reason = columns.texts(2)
    count = columns.count(limit=MAX_ROWS)
    if count == 0:
        columns.end()
        return language, reason, _outline([], (), (), (), (), (), (), {})
    names = columns.texts(count)
    kinds, flags = columns.ints(count), columns.ints(count)
    lines, starts = columns.deltas(count), columns.ints(count)
    widths = map(add, columns.ints(count), map(len, names))
    ends = tuple(map(add, starts, widths))
    containers = columns.deltas(count)
    if min(containers) < -1 or any(map(ge, containers, range(count))):
        raise CodecError("a symbol's container does not stand before it")
    scoped_count = columns.count(limit=count)
    rows = columns.deltas(scoped_count)
    if rows and not 0 <= min(rows) <= max(rows) < count:
        raise CodecError("a scope belongs to no symbol")
    scopes = dict(zip(rows, columns.texts(scoped_count), strict=True))
    columns.end()
    return (
        language,
        reason,
        _outline(names, kinds, flags, lines, starts, ends, containers, scopes),
    )


def _outline(  # noqa: PLR0917 - the columns of an outline, in their order
    names: list[str],
    kinds: Sequence[int],
    flags: Sequence[int],
    lines: Sequence[int],
    starts: Sequence[int],
    ends: Sequence[int],
    containers: Sequence[int],
    scopes: dict[int, str],
) -> Outline:
    try:
        return Outline(
            names=names,
            kinds=bytes(tuple(kinds)),  # an array's own bytes may be wider
            flags=bytes(tuple(flags)),
            lines=array("I", tuple(lines)),
            columns=array("I", tuple(starts)),
            end_columns=array("I", tuple(ends)),
            containers=array("i", tuple(containers)),
            scopes=scopes,
        )
    except (ValueError, OverflowError) as error:
        raise CodecError(f"a number of an outline is out of range: {error}") from error


def _pack_rest(facts: FileFacts, rows: _Columns) -> bytes:
    """Of the symbols: line minus start line | start columns | stop line minus line |
    stop columns | signatures | docs | type texts. Then count u32 and columns of the
    relations and of the imports, count u32 and texts of the identifiers.
    """
    parts: list[bytes] = []
    if rows:
        lines, start_lines, start_columns = rows[5], rows[8], rows[9]
        stop_lines, stop_columns = rows[10:12]
        parts += (
            pack_ints(tuple(map(sub, lines, start_lines))),
            pack_ints(start_columns),
            pack_ints(tuple(map(sub, stop_lines, lines))),
            pack_ints(stop_columns),
            *map(pack_texts, rows[12:15]),
        )
    parts.append(_COUNT.pack(len(facts.relations)))
    if facts.relations:
        kinds, sources, targets, receivers, lines, columns = zip(
            *facts.relations, strict=True
        )
        parts += (
            pack_ints(kinds),
            pack_deltas(sources),
            pack_texts(targets),
            pack_texts(receivers),
            pack_deltas(lines),
            pack_ints(columns),
        )
    parts.append(_COUNT.pack(len(facts.imports)))
    if facts.imports:
        names, modules, originals, reexports, lines, columns = zip(
            *facts.imports, strict=True
        )
        parts += (
            *map(pack_texts, (names, modules, originals)),
            pack_ints(reexports),
            pack_deltas(lines),
            pack_ints(columns),
        )
    parts += (_COUNT.pack(len(facts.identifiers)), pack_texts(facts.identifiers))
    return b"".join(parts)


def _unpack_rest(
    columns: Unpacker, language: str, reason: str, outline: Outline
) -> FileFacts:
    symbols = _unpack_symbols(columns, outline)
    relations: tuple[Relation, ...] = ()
    count = columns.count(limit=MAX_ROWS)
    if count:
        kinds, sources = columns.ints(count), columns.deltas(count)
        if not -1 <= min(sources) <= max(sources) < len(symbols):
            raise CodecError("a relation belongs to no symbol")
        rows = (columns.texts(count), columns.texts(count))
        lines = columns.deltas(count)
        numbers = (lines, columns.ints(count))
        relations = tuple(map(Relation, kinds, sources, *rows, *numbers))
    imports: tuple[Import, ...] = ()
    count = columns.count(limit=MAX_ROWS)
    if count:
        texts = [columns.texts(count) for _ in range(3)]
        reexports = map(bool, columns.ints(count))
        lines = columns.deltas(count)
        imports = tuple(map(Import, *texts, reexports, lines, columns.ints(count)))
    identifiers = columns.texts(columns.count(limit=MAX_ROWS))
    columns.end()
    return FileFacts(language, symbols, relations, imports, tuple(identifiers), reason)


def _unpack_symbols(columns: Unpacker, outline: Outline) -> tuple[Symbol, ...]:
    count = len(outline.names)
    if not count:
        return ()
    scopes: Mapping[int, str] = outline.scopes
    start_lines = map(sub, outline.lines, columns.ints(count))
    start_columns = columns.ints(count)
    stop_lines = map(add, outline.lines, columns.ints(count))
    stop_columns = columns.ints(count)
    texts = [columns.texts(count) for _ in range(3)]
    return tuple(
        map(
            Symbol,
            outline.names,
            outline.kinds,
            outline.flags,
            outline.containers,
            [scopes.get(row, "") for row in range(count)],
            outline.lines,
            outline.columns,
            outline.end_columns,
            start_lines,
            start_columns,
            stop_lines,
            stop_columns,
            *texts,
        )
    )
