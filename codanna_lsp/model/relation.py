"""Relations: edges as the source writes them; a target is a name, bound when asked."""

from enum import IntEnum
from typing import NamedTuple


class RelationKind(IntEnum):
    """What an edge says; an import is an Import, with its own position."""

    CALLS = 1
    EXTENDS = 2
    IMPLEMENTS = 3
    USES = 4  # a type that is mentioned: annotation, parameter, field, decorator
    IMPORTS = 5


class Relation(NamedTuple):
    """One edge from a symbol (or the file) to a name.

    kind: a RelationKind's number.
    source: index in the file's symbols of the enclosing symbol, or -1 for the file.
        For Rust's `impl Trait for Type` it is Type; where another file declares that,
        -1, and Type is the target of the USES that follows in the text.
    target: the last name as written ("append" of "self.items.append").
    receiver: what stands before it ("self.items"), at most 80 characters, or "".
    line, column: where the target's name starts.
    """

    kind: int
    source: int
    target: str
    receiver: str
    line: int
    column: int
