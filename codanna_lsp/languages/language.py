"""What is known of one language as data, for the walk, the extraction and binding."""

from dataclasses import dataclass


# Equal means identical: caches ask for a language's hash several times a file.
@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Language:
    """One language; grammars are named here and imported by extraction alone.

    id: as facts and records keep it ("python"). name: as people read it.
    extensions: lower case, with their dot. file_names: whole names ("go.mod").
    lsp_ids: what editors call it in `TextDocumentItem.languageId`.
    family: languages that see each other's names ("javascript" for four of them).
    separator: between the parts of a qualified name, "." or "::".
    grammar, grammar_function: module and function that give the parser's language;
        "" where the text is read without one ("project").
    queries: files of patterns, relative to `languages/`, read as one query.
    rules: module of the language's text rules (see `extraction/rules.py`), or "".
    doc_style: "docstring" (first string of the body) or "comment" (above the head).
    call_separators: what may stand before the called name, longest first.
    self_receivers: how a method names its object ("self."), for `@member` captures.
    identifier_extra: ASCII characters besides letters, digits and "_" ("$").
    keywords: words that are never kept as identifiers.
    builtin_types: type names that say nothing (`int`): no USES relation.
    blank: the name of what is not to be named ("_"): no symbol.
    type_labels: pattern of names in a type's text that name no type: the fields of
        an anonymous struct, the parameters of a function type; "" where there are none.
    test_prefixes, test_suffixes: of file names that hold tests.
    """

    id: str
    name: str
    extensions: tuple[str, ...]
    family: str
    file_names: tuple[str, ...] = ()
    lsp_ids: tuple[str, ...] = ()
    separator: str = "."
    grammar: str = ""
    grammar_function: str = "language"
    queries: tuple[str, ...] = ()
    rules: str = ""
    doc_style: str = "comment"
    call_separators: tuple[str, ...] = (".",)
    self_receivers: tuple[str, ...] = ()
    identifier_extra: str = ""
    keywords: frozenset[str] = frozenset()
    builtin_types: frozenset[str] = frozenset()
    blank: str = ""
    type_labels: str = ""
    test_prefixes: tuple[str, ...] = ()
    test_suffixes: tuple[str, ...] = ()


ImportRow = tuple[str, str, str, bool]
"""(name, module, original, reexport) of `model.imports.Import`."""
