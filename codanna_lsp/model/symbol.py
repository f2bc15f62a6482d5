"""Symbols: the named things that a file declares.

Invariant: positions are 0-based lines and UTF-8 byte columns; spans are half-open.
"""

from enum import IntEnum, IntFlag
from typing import NamedTuple


class SymbolKind(IntEnum):
    """LSP's kinds, with LSP's numbers; MACRO is ours and shown as a constant."""

    FILE = 1
    MODULE = 2
    NAMESPACE = 3
    PACKAGE = 4
    CLASS = 5
    METHOD = 6
    PROPERTY = 7
    FIELD = 8
    CONSTRUCTOR = 9
    ENUM = 10
    INTERFACE = 11
    FUNCTION = 12
    VARIABLE = 13
    CONSTANT = 14
    STRING = 15
    NUMBER = 16
    BOOLEAN = 17
    ARRAY = 18
    OBJECT = 19
    KEY = 20
    NULL = 21
    ENUM_MEMBER = 22
    STRUCT = 23
    EVENT = 24
    OPERATOR = 25
    TYPE_PARAMETER = 26
    TRAIT = 27
    TYPE_ALIAS = 28
    MACRO = 29


class SymbolFlag(IntFlag):
    """What else is known of a symbol; fits one byte."""

    NONE = 0
    EXPORTED = 1
    DEPRECATED = 2
    TEST = 4
    DECLARATION = 8  # says that it exists, without its body (a C prototype)
    STATIC = 16
    ASYNC = 32
    UNBUILT = 32  # in C and C++, which have no ASYNC: left out by an `#if`, most likely
    GENERATED = 64  # in a vendored or generated file, by its own path or bytes
    WIDE = 128  # its name's byte columns are not its columns in every encoding


class Symbol(NamedTuple):
    """One named thing that a file declares.

    A named tuple, because a cold index builds millions and msgpack packs tuples.

    name: the plain name, without its scope.
    kind: a SymbolKind's number. flags: SymbolFlag bits.
    container: index in the file's symbols of what lexically encloses it, or -1.
        A container always stands before what it contains.
    scope: the owner as the source writes it where nesting does not tell (a Go
        receiver's type, a C++ qualifier, a Rust impl's type), else "".
    line, column, end_column: the name's span, on one line.
    start_line ... stop_column: the whole declaration's span.
    signature: the declaration's head on one line, at most 200 characters.
    doc: the first paragraph of its documentation on one line, at most 400 characters.
    type_text: the declared type, the returned type of a function, or the callee of
        the constructing call ("Foo()" gives "Foo"); as written, or "".
    """

    name: str
    kind: int
    flags: int
    container: int
    scope: str
    line: int
    column: int
    end_column: int
    start_line: int
    start_column: int
    stop_line: int
    stop_column: int
    signature: str
    doc: str
    type_text: str
