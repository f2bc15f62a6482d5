"""Random facts and records for Hypothesis, and a plain way to write small ones."""

from hypothesis import strategies as st

from codanna_lsp.index.codec import pack_facts
from codanna_lsp.model.facts import FileFacts, FileRecord, Fingerprint
from codanna_lsp.model.imports import Import
from codanna_lsp.model.relation import Relation
from codanna_lsp.model.symbol import Symbol, SymbolKind

ODD_TEXTS = st.text(
    st.sampled_from("abABz_019 \n\0\t.:ßİſǅµ日本\U0001f600\ud800\udcff"), max_size=12
)
_WORDS = st.sampled_from(
    ["get", "set", "User", "Name", "HTTP", "doc", "Symbol", "x", "B2", "Straße", "İd"]
)
NAMES = st.one_of(
    st.lists(_WORDS, min_size=1, max_size=4).map("_".join),
    st.lists(_WORDS, min_size=1, max_size=4).map("".join),
    ODD_TEXTS,
)
_LINES = st.integers(0, 200_000)
_COLUMNS = st.one_of(st.integers(0, 200), st.integers(0, 100_000))
PATHS = st.sampled_from(
    ["a.py", "b/a.py", "b/c/d.py", "b/test/x.py", "b.py", "ü/\udcff.py", "z/index.ts"]
)


@st.composite
def symbols(draw: st.DrawFn, index: int) -> Symbol:
    """A symbol whose container stands before it."""
    name = draw(NAMES)
    line, column = draw(_LINES), draw(_COLUMNS)
    width = draw(
        st.one_of(st.just(len(name.encode("utf-8", "surrogatepass"))), _COLUMNS)
    )
    return Symbol(
        name=name,
        kind=draw(st.sampled_from([*map(int, SymbolKind), 0, 77])),
        flags=draw(st.integers(0, 255)),
        container=draw(st.integers(-1, index - 1)),
        scope=draw(st.sampled_from(["", "", "Owner", "ns::Owner"])),
        line=line,
        column=column,
        end_column=column + width,
        start_line=draw(st.integers(0, line)),
        start_column=draw(_COLUMNS),
        stop_line=line + draw(_LINES),
        stop_column=draw(_COLUMNS),
        signature=draw(ODD_TEXTS),
        doc=draw(ODD_TEXTS),
        type_text=draw(ODD_TEXTS),
    )


@st.composite
def facts(draw: st.DrawFn, max_symbols: int = 6) -> FileFacts:
    """Facts of one file, odd texts and all."""
    count = draw(st.integers(0, max_symbols))
    rows = tuple(draw(symbols(index)) for index in range(count))
    relation = st.builds(
        Relation,
        st.integers(0, 5),
        st.integers(-1, count - 1),
        ODD_TEXTS,
        ODD_TEXTS,
        _LINES,
        _COLUMNS,
    )
    item = st.builds(
        Import, ODD_TEXTS, ODD_TEXTS, ODD_TEXTS, st.booleans(), _LINES, _COLUMNS
    )
    return FileFacts(
        language=draw(st.sampled_from(["python", "c", ""])),
        symbols=rows,
        relations=tuple(draw(st.lists(relation, max_size=3))),
        imports=tuple(draw(st.lists(item, max_size=3))),
        identifiers=tuple(sorted(draw(st.sets(ODD_TEXTS, max_size=4)))),
        reason=draw(st.sampled_from(["", "nested too deeply"])),
    )


@st.composite
def records(draw: st.DrawFn, max_symbols: int = 6) -> FileRecord:
    """A record, sometimes without facts."""
    found = draw(facts(max_symbols))
    return FileRecord(
        path=draw(PATHS),
        language=found.language,
        fingerprint=Fingerprint(
            draw(st.integers(0, 1 << 62)),
            draw(st.integers(-(1 << 62), 1 << 62)),
            draw(st.sampled_from([b"", b"0123456789abcdef"])),
        ),
        extractor=draw(st.sampled_from(["e1", "e2"])),
        indexed_ns=draw(st.integers(0, 1 << 62)),
        reason=found.reason,
        facts=draw(st.sampled_from([b"", pack_facts(found), pack_facts(found)])),
    )


def symbol(name: str, *, kind: int = SymbolKind.FUNCTION, **other: object) -> Symbol:
    """A symbol of which only the name matters."""
    plain = Symbol(name, kind, 0, -1, "", 0, 0, len(name), 0, 0, 0, 0, "", "", "")
    return plain._replace(**other)  # type: ignore[arg-type]


def record(path: str, *rows: Symbol, language: str = "python") -> FileRecord:
    """A record of some symbols."""
    packed = pack_facts(FileFacts(language, rows, (), (), ()))
    print_ = Fingerprint(len(packed), 1, b"0123456789abcdef")
    return FileRecord(path, language, print_, "e1", 1, "", packed)
