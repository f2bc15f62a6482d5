"""The fast search agrees with a slow and obvious one, however the index is laid out."""

from unittest.mock import patch

from hypothesis import given, settings
from hypothesis import strategies as st

from codanna_lsp.index.building import column_arrays, column_build
from codanna_lsp.index.codec import pack_facts
from codanna_lsp.index.columns import build_columns
from codanna_lsp.index.index_data import IndexData
from codanna_lsp.index.name_table import sieve
from codanna_lsp.index.rank import static_rank
from codanna_lsp.index.view import View
from codanna_lsp.model.facts import FileFacts, FileRecord, Fingerprint
from codanna_lsp.model.symbol import Symbol, SymbolKind
from codanna_lsp.queries import bulk_hits, bulk_scan, symbol_search
from codanna_lsp.queries.ranking import Tier
from codanna_lsp.queries.symbol_query import parse_query
from codanna_lsp.queries.symbol_search import MAX_WEAK, SymbolQuestion, find_symbols

Found = tuple[str, str, int, Tier]
Rows = list[tuple[str, SymbolKind, int, bool]]
Files = dict[str, Rows]

WORDS = st.sampled_from(
    [
        "get",
        "Get",
        "doc",
        "Doc",
        "Sym",
        "symbol",
        "HTTP",
        "2",
        "x",
        "Straße",
        "İd",
        "日本",
    ]
)
NAMES = st.one_of(
    st.lists(WORDS, min_size=1, max_size=4).map("".join),
    st.lists(WORDS, min_size=1, max_size=3).map("_".join),
    st.text(st.sampled_from("aAbB_1ßİǅ\ud800"), max_size=6),
)
KINDS = st.sampled_from([SymbolKind.CLASS, SymbolKind.FUNCTION, SymbolKind.VARIABLE])
SYMBOLS = st.tuples(NAMES, KINDS, st.sampled_from([0, 2, 4, 64]), st.booleans())
FILES = st.dictionaries(
    st.sampled_from(["a.py", "b/a.py", "b/c.py", "d.py"]),
    st.lists(SYMBOLS, max_size=8),
    max_size=4,
)
QUERIES = st.one_of(
    st.sampled_from(
        [
            "",
            "g",
            "ge",
            "ds",
            "DocSym",
            "dS",
            "get_sym",
            "GH",
            "STRASSE",
            "本",
            "docsym",
        ]
    ),
    NAMES.map(lambda text: text.replace("#", "")),
    NAMES.map(lambda text: text.replace("_", "").casefold()),
    st.lists(
        st.sampled_from(["ge", "d", "do", "sy", "h", "ht", "s", "2"]), max_size=4
    ).map("".join),
    st.lists(st.sampled_from("aAbBgdsx_1ßİ"), max_size=4).map("".join),
)


def symbols_of(rows: Rows) -> tuple[Symbol, ...]:
    return tuple(
        Symbol(
            name=name,
            kind=kind,
            flags=flags,
            container=index - 1 if nested and index else -1,
            scope="",
            line=index // 2,
            column=7 - index,
            end_column=7,
            start_line=0,
            start_column=0,
            stop_line=0,
            stop_column=0,
            signature="",
            doc="",
            type_text="",
        )
        for index, (name, kind, flags, nested) in enumerate(rows)
    )


def record_of(path: str, rows: Rows) -> FileRecord:
    packed = pack_facts(FileFacts("python", symbols_of(rows), (), (), ()))
    return FileRecord(path, "python", Fingerprint(1, 1, b""), "e", 1, "", packed)


def is_word_head(name: str, index: int) -> bool:
    letter, before = name[index], name[index - 1] if index else "_"
    if not letter.isalnum():
        return False
    return (
        not before.isalnum()
        or (letter.isdigit() and not before.isdigit())
        or (letter.isupper() and not before.isupper())
        or (letter.isupper() and name[index + 1 : index + 2].islower())
    )


def plain_words(name: str) -> list[str]:
    heads = [index for index in range(len(name)) if is_word_head(name, index)]
    return [name[a:b] for a, b in zip(heads, [*heads[1:], len(name)], strict=False)]


def plain_tier(name: str, query: str) -> Tier | None:
    folded, wanted = name.casefold(), query.casefold()
    parts = [word.casefold() for word in plain_words(name)]
    rests = [
        name[index:].casefold()
        for index in range(len(name))
        if is_word_head(name, index)
    ]
    if name == query:
        return Tier.EXACT_CASE
    if folded == wanted:
        return Tier.EXACT
    if folded.startswith(wanted):
        return Tier.PREFIX
    acronym = "".join(part[0] for part in parts)
    if len(wanted) >= 2 and acronym.startswith(wanted):
        return Tier.HEADS
    humps = [
        "".join(letter for letter in word if letter.isalnum())
        for word in plain_words(query)
    ]
    single = [part for hump in humps for part in (hump if hump.isupper() else [hump])]
    for way in (humps, single):
        if len(way) >= 2 and starts_words([hump.casefold() for hump in way], parts):
            return Tier.HEADS
    if any(rest.startswith(wanted) for rest in rests):
        return Tier.AT_HEAD
    if len(wanted) >= 4 and wanted.isalnum() and starts_of_words(wanted, parts):
        return Tier.RUNS
    if wanted in folded:
        return Tier.SUBSTRING
    for rest in rests:
        letters = iter(rest)
        if rest[:1] == wanted[:1] and all(letter in letters for letter in wanted):
            return Tier.SUBSEQUENCE
    return None


def starts_of_words(wanted: str, words: list[str]) -> bool:
    """Whether a text is made of the starts of some of the words, in order."""
    if not wanted:
        return True
    return any(
        wanted[:size] == word[:size]
        and starts_of_words(wanted[size:], words[place + 1 :])
        for place, word in enumerate(words)
        for size in range(1, min(len(wanted), len(word)) + 1)
    )


def starts_words(humps: list[str], words: list[str]) -> bool:
    if not humps:
        return True
    return any(
        word.startswith(humps[0]) and starts_words(humps[1:], words[place + 1 :])
        for place, word in enumerate(words)
    )


def plain_search(
    files: Files,
    query: str,
    *,
    limit: int,
    near: tuple[str, ...],
) -> list[Found]:
    ranked: list[tuple[tuple[object, ...], Found]] = []
    for path, rows in files.items():
        symbols = symbols_of(rows)
        for index, symbol in enumerate(symbols):
            tier = plain_tier(symbol.name, query) if query else Tier.PREFIX
            if tier is None:
                continue
            depth, outer = 0, symbol.container
            while outer >= 0:
                depth, outer = depth + 1, symbols[outer].container
            folders = {item.rpartition("/")[0] for item in near}
            distance = 0 if path in near else 2 - (path.rpartition("/")[0] in folders)
            key = (
                tier,
                static_rank(symbol.kind, symbol.flags, depth),
                distance,
                len(symbol.name),
                symbol.name.casefold(),
                symbol.name,
                path,
                symbol.line,
                symbol.column,
                index,
            )
            ranked.append((key, (symbol.name, path, index, tier)))
    ranked.sort()
    found = [item for _key, item in ranked]
    exact = sum(item[3] <= Tier.EXACT for item in found)
    if sum(item[3] < Tier.RUNS for item in found[: max(limit, exact)]) >= 20:
        found = [item for item in found if item[3] != Tier.RUNS]
    better = sum(item[3] < Tier.SUBSEQUENCE for item in found)
    shown = max(limit, exact)
    if min(shown, better) >= 20:
        return found[: min(shown, better)]
    return found[: min(shown, better + MAX_WEAK)]


def search(
    data: IndexData, query: str, *, limit: int, near: tuple[str, ...]
) -> list[Found]:
    question = SymbolQuestion(text=query, limit=limit, near=near)
    answer = find_symbols(View(data), question)
    scores = [match.score for match in answer.symbols]
    assert scores == sorted(set(scores), reverse=True)
    assert all(0 <= score <= 1 for score in scores)
    return [(item.name, item.path, item.index, item.tier) for item in answer.symbols]


def layouts(
    files: Files,
) -> list[IndexData]:
    """The same files as one base, as layers alone, and as layers over a stale base."""
    records = [record_of(path, rows) for path, rows in files.items()]
    one = IndexData(build_columns(records))
    layered, stale_records = IndexData(), list[FileRecord]()
    for item in records:
        layered = layered.with_changes([item])
        stale_records.append(
            record_of(item.path, [("get", SymbolKind.CLASS, 0, False)])
        )
    stale_records.append(record_of("gone.py", [("doc", SymbolKind.CLASS, 0, False)]))
    stale = IndexData(build_columns(stale_records)).with_changes(records, ["gone.py"])
    return [one, layered, stale]


CASES = given(
    FILES,
    QUERIES,
    st.sampled_from([1, 2, 3, 256]),
    st.sampled_from([(), ("a.py",), ("b/a.py", "d.py")]),
)


@settings(max_examples=100, deadline=None)
@CASES
def test_the_fast_search_agrees_with_the_plain_one(
    files: Files, query: str, limit: int, near: tuple[str, ...]
) -> None:
    check_agrees(files, query, limit=limit, near=near)


@settings(max_examples=100, deadline=None)
@CASES
def test_the_search_by_masks_agrees_with_the_plain_one(
    files: Files, query: str, limit: int, near: tuple[str, ...]
) -> None:
    with (
        patch.object(column_build, "MASKED_NAMES", 1),
        patch.object(column_arrays, "MASKED_NAMES", 1),
    ):
        check_agrees(files, query, limit=limit, near=near)


@settings(max_examples=200, deadline=None)
@CASES
def test_names_looked_at_as_one_text_agree_with_the_plain_search(
    files: Files, query: str, limit: int, near: tuple[str, ...]
) -> None:
    with (
        patch.object(column_build, "MASKED_NAMES", 1),
        patch.object(column_arrays, "MASKED_NAMES", 1),
        patch.object(bulk_scan, "_FEW", 1),
        patch.object(bulk_hits, "_FIRST_SYMBOLS", 1),
        patch.object(sieve, "_FIRST_FEW", 1),
    ):
        check_agrees(files, query, limit=limit, near=near)


@settings(max_examples=100, deadline=None)
@CASES
def test_the_search_without_numpy_agrees_with_the_plain_one(
    files: Files, query: str, limit: int, near: tuple[str, ...]
) -> None:
    with (
        patch.object(column_build, "MASKED_NAMES", 1),
        patch.object(column_arrays, "MASKED_NAMES", 1),
        patch.object(symbol_search, "_bulk_is_loaded", return_value=False),
    ):
        check_agrees(files, query, limit=limit, near=near)


def check_agrees(
    files: Files, query: str, *, limit: int, near: tuple[str, ...]
) -> None:
    if parse_query(query).name != query:
        return  # the query's syntax would take something off the text
    expected = plain_search(files, query, limit=limit, near=near)
    for data in layouts(files):
        assert search(data, query, limit=limit, near=near) == expected
