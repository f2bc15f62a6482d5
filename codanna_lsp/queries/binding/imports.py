"""Imports of every language: which module or symbol a name was taken from.

One module a family of languages knows its rules; here they are told apart.
"""

from importlib import import_module
from typing import Protocol, cast

from codanna_lsp.languages.registry import get_language, language_of
from codanna_lsp.model.imports import Import
from codanna_lsp.queries.binding.sources import Entity, Meaning, Sources


class ImportRules(Protocol):
    """What a family's module of import rules offers."""

    def find_module(
        self, sources: Sources, module: str, importer: str
    ) -> Entity | None:
        """The file or folder that a module's text leads to."""
        ...

    def find_exported(
        self, sources: Sources, module: Entity, name: str
    ) -> tuple[Meaning, ...]:
        """What a name of a module finally stands for."""
        ...

    def import_name(
        self, sources: Sources, module: str, name: str, importer: str
    ) -> tuple[Meaning, ...]:
        """What importing one name from a module takes."""
        ...

    def resolve_import(
        self, sources: Sources, item: Import, importer: str
    ) -> tuple[Meaning, ...]:
        """What an import as facts have it binds."""
        ...

    def starred_name(
        self, sources: Sources, path: str, name: str
    ) -> tuple[Meaning, ...]:
        """What a file sees of a name without naming it in an import."""
        ...


_RULES = {
    "c": "codanna_lsp.queries.binding.imports_c",
    "go": "codanna_lsp.queries.binding.imports_go",
    "java": "codanna_lsp.queries.binding.imports_java",
    "javascript": "codanna_lsp.queries.binding.imports_javascript",
    "python": "codanna_lsp.queries.binding.imports_python",
    "rust": "codanna_lsp.queries.binding.imports_rust",
}


def family_of(sources: Sources, path: str) -> str:
    """The language family of a file, by its facts or else its name."""
    names = sources.names(path)
    if names is not None:
        return get_language(names.facts.language).family
    if path.endswith("/"):
        return sources.family
    language = language_of(path)
    return language.family if language is not None else ""


def module_text(sources: Sources, path: str, module: str, line: int) -> str:
    """A module's text at a line as it would read outside of Rust's inline modules."""
    if module and family_of(sources, path) == "rust":
        from codanna_lsp.queries.binding import imports_rust

        return imports_rust.spelled_out(sources, module, path, line)
    return module


def file_of(sources: Sources, module: Entity) -> str:
    """The file that stands for a module; "" for a folder that none stands for."""
    if not module.path.endswith("/"):
        return module.path
    if sources.family == "go":
        from codanna_lsp.queries.binding import imports_go

        return imports_go.package_file(sources, module.path[:-1])
    return ""


def rules_of(sources: Sources, path: str) -> ImportRules | None:
    """The import rules of a file's family of languages."""
    module = _RULES.get(family_of(sources, path))
    return cast("ImportRules", import_module(module)) if module else None
