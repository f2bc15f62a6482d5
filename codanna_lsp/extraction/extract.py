"""Text to facts: one parse, one query, one pass over what it captured.

Invariant: never raises on source text; a broken, huge, binary or deeply nested file is
data, with a reason where the facts are less than the file.
Invariant: columns are counted in the text without its byte order mark, as editors do.
"""

import hashlib
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import fields
from functools import cache
from typing import Any, cast

from codanna_lsp.extraction.captures import (
    DEPTH_LIMIT,
    Captures,
    is_crowded,
    pair_captures,
    reaches_depth,
)
from codanna_lsp.extraction.file_flags import file_flags
from codanna_lsp.extraction.grammar import (
    grammar_version,
    load_grammar,
    query_text,
)
from codanna_lsp.extraction.identifiers import find_identifiers, find_words
from codanna_lsp.extraction.lines import line_starts, with_line_feeds
from codanna_lsp.extraction.relations import (
    KNOWN_LIMIT,
    Owners,
    find_relations,
    mark_owners,
)
from codanna_lsp.extraction.reparse import KeptTrees, run_query
from codanna_lsp.extraction.rules import Rules, load_rules, rules_text
from codanna_lsp.extraction.symbols import build_symbols
from codanna_lsp.extraction.wide import mark_wide
from codanna_lsp.languages.language import ImportRow, Language
from codanna_lsp.model.facts import FileFacts, Reason
from codanna_lsp.model.imports import Import
from codanna_lsp.model.relation import Relation
from codanna_lsp.model.symbol import Symbol

EXTRACTION_VERSION = 8  # grows when the same bytes give other facts
_KNOWN_BYTES = 300  # of an import statement that is kept from file to file
_BOM = b"\xef\xbb\xbf"
_BINARY_BYTES = 8_192  # a NUL in the first of them makes a file binary


def extract_facts(
    source: bytes,
    language: Language,
    path: str = "",
    *,
    kept: KeptTrees | None = None,
) -> FileFacts:
    """All that a file says. `path`, relative to the root, tells test and vendored.

    kept: trees of files whose texts are extracted again and again.
    """
    source = with_line_feeds(source.removeprefix(_BOM))
    if b"\0" in source[:_BINARY_BYTES]:
        return FileFacts(language.id, (), (), (), (), Reason.BINARY)
    if not language.grammar:
        # Not above: few runs meet such a file, and every worker would load its parsers.
        from codanna_lsp.extraction.project_files import (
            extract_project_facts,
        )

        return extract_project_facts(source, path)
    grammar = load_grammar(language)
    rules = load_rules(language)
    words = find_words(source, language)
    prepared = source if rules.prepare is None else rules.prepare(source, words)
    if kept is None:
        tree = grammar.parser.parse(prepared)
    else:
        tree = kept.parse(grammar.parser, prepared, (language.id, path))
    if is_crowded(tree.root_node):
        identifiers = find_identifiers(words, language, [])
        return FileFacts(language.id, (), (), (), identifiers, Reason.NESTED)
    is_deep = reaches_depth(tree.root_node, DEPTH_LIMIT)
    captures: Captures
    if kept is None:
        captures = run_query(grammar.query, tree.root_node)
    else:
        captures = kept.captured(tree, grammar.query, (language.id, path))
    lines = line_starts(source)
    drafts = pair_captures(captures, source, language.self_receivers)
    flags = file_flags(path, source, language)
    symbols = build_symbols(drafts, source, lines, language, rules, flags=flags)
    mark_owners(drafts, symbols, source)
    relations = find_relations(captures, source, lines, drafts, language)
    found = captures.get("import", ())
    imports = _read_imports(found, source, lines, rules, Owners(drafts))
    if rules.finish is not None:
        symbols = rules.finish(symbols, source, path)
    symbols = mark_wide(symbols, source, lines)
    return FileFacts(
        language.id,
        tuple(symbols),
        tuple(relations),
        tuple(imports),
        find_identifiers(words, language, _names(symbols, relations, imports)),
        Reason.NESTED if is_deep else "",
    )


def _names(
    symbols: Iterable[Symbol], relations: Iterable[Relation], imports: Iterable[Import]
) -> list[str]:
    names = [symbol[0] for symbol in symbols]
    names += [relation[2] for relation in relations]
    for item in imports:
        names += (item[0], item[2])
    return names


def _read_imports(
    spans: Sequence[tuple[int, int]],
    source: bytes,
    lines: list[int],
    rules: Rules,
    owners: Owners,
) -> list[Import]:
    imports: list[Import] = []
    known = _known_statements(rules)
    if len(known) > KNOWN_LIMIT:
        known.clear()
    make = cast("Any", tuple).__new__  # as in build_symbols
    for begin, stop in sorted(spans):
        key = source[begin:stop], owners.find(begin)[0] < 0
        items = known.get(key)
        if items is None:
            items = tuple(rules.read_imports(key[0], at_top=key[1]))
            if stop - begin <= _KNOWN_BYTES:
                known[key] = items
        for row, offset in items:
            start = begin + offset
            line = bisect_right(lines, start) - 1
            imports.append(make(Import, (*row, line, start - lines[line])))
    return imports


@cache
def _known_statements(
    rules: Rules,
) -> dict[tuple[bytes, bool], tuple[tuple[ImportRow, int], ...]]:
    """Statements read already, outside a declaration or in one, with what they bind.

    Kept from file to file: the files of a project begin with the same imports.
    """
    del rules
    return {}


@cache
def extractor_version(language: Language) -> str:
    """A short hash of all that decides a language's facts besides the text."""
    parts = (
        str(EXTRACTION_VERSION).encode(),
        grammar_version(language).encode(),
        _language_text(language),
        query_text(language),
        rules_text(language),
    )
    state = hashlib.blake2b(digest_size=8)
    for part in parts:
        state.update(len(part).to_bytes(8, "little") + part)
    return state.hexdigest()


def _language_text(language: Language) -> bytes:
    """The language's fields; sets are sorted, for their own order is every process's."""
    values: list[Any] = [getattr(language, field.name) for field in fields(language)]
    plain = [_sorted_text(v) for v in values]
    return repr(plain).encode()


def _sorted_text(value: Any) -> str:
    if isinstance(value, frozenset):
        return repr(sorted(cast("frozenset[str]", value)))
    return repr(value)
