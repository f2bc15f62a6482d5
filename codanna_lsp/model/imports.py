"""Imports: names that a file takes from elsewhere, and those it hands on."""

from typing import NamedTuple


class Import(NamedTuple):
    """One name that an import, include, use or re-export binds.

    name: the name bound in this file; "" where nothing is bound (`import "x"`,
        `#include`, `from x import *`, `export * from "x"`).
    module: the module as written, with its leading dots, quotes removed; `<stdio.h>`
        keeps its angle brackets. "" for `export { a as b }` of the file's own names.
    original: the name inside the module; "" when the module itself is bound,
        "*" for all of its names, "default" for JavaScript's default export.
    reexport: true when others can import the name from this file.
    line, column: where the bound name (or else the module's text) starts.
    """

    name: str
    module: str
    original: str
    reexport: bool
    line: int
    column: int
