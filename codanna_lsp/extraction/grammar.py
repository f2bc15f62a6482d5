"""A language's parser and its one compiled query, loaded when first needed."""

from functools import cache
from importlib import import_module
from pathlib import Path
from typing import NamedTuple

import tree_sitter

from codanna_lsp import languages
from codanna_lsp.languages.language import Language

_LANGUAGES_FOLDER = Path(languages.__file__).parent


class Grammar(NamedTuple):
    """What parses a language and what finds its definitions in the tree."""

    parser: tree_sitter.Parser
    query: tree_sitter.Query


@cache
def load_grammar(language: Language) -> Grammar:
    """The grammar of a language that has one; made once a process."""
    parser_language = load_parser_language(language)
    query = tree_sitter.Query(parser_language, query_text(language).decode())
    return Grammar(tree_sitter.Parser(parser_language), query)


@cache
def load_parser_language(language: Language) -> tree_sitter.Language:
    """Tree-sitter's own language object, shared by every query over it."""
    module = import_module(language.grammar)
    pointer: object = getattr(module, language.grammar_function)()
    return tree_sitter.Language(pointer)


def query_text(language: Language) -> bytes:
    """The patterns of a language: its query files, one after the other."""
    return b"\n".join(
        (_LANGUAGES_FOLDER / name).read_bytes() for name in language.queries
    )


def grammar_version(language: Language) -> str:
    """The grammar's package version and ABI, or "" without a grammar."""
    if not language.grammar:
        return ""
    abi = load_parser_language(language).abi_version
    return f"{_package_version(language.grammar)}/{abi}"


def _package_version(package: str) -> str:
    """As installed; read from the folder's name, for every worker pays the import
    of importlib.metadata at its start.
    """
    place = Path(str(import_module(package).__file__)).parent.parent
    folders = sorted(entry.stem for entry in place.glob(f"{package}-*.dist-info"))
    if len(folders) == 1:
        return folders[0].removeprefix(f"{package}-")
    from importlib import metadata

    return metadata.version(package.replace("_", "-"))
