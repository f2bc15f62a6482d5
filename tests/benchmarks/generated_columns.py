"""Columns of a given number of realistic names, generated in bulk and kept in the
temporary folder, to be opened by mmap as a snapshot's are."""

import mmap
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from codanna_lsp.index.building.column_arrays import assembled
from codanna_lsp.index.building.symbol_arrays import SymbolArrays
from codanna_lsp.index.column_sections import TYPE_CODES
from codanna_lsp.index.columns import Columns
from codanna_lsp.index.name_table.names import encode
from codanna_lsp.index.name_table.text_arrays import (
    Texts,
    gathered,
    joined,
    offsets_of,
    texts_of,
)
from codanna_lsp.model.facts import FileRecord, Fingerprint
from codanna_lsp.model.symbol import SymbolFlag, SymbolKind

SEED = 20_240_607
SYMBOLS_A_NAME = 1.75  # as in the Linux kernel and large Python applications
SYMBOLS_A_FILE = 85
_VERSION = 5
_STEMS = (
    "get set is has make create build find load save read write open close init add "
    "remove delete update insert parse format encode decode convert check validate "
    "handle process run start stop begin end next prev first last new old user name "
    "file path node tree list map table index key value item entry record field type "
    "kind class object method function module package import export symbol token "
    "lexer parser scanner buffer stream reader writer socket request response server "
    "client session cookie header body query result error warning message event "
    "handler listener callback queue stack heap cache pool lock mutex thread task job "
    "worker timer clock date time zone locale string number integer float double bool "
    "byte char array slice vector matrix point line rect color image font text style "
    "layout view window widget button menu dialog panel frame page document element "
    "attribute property option config setting param argument context scope state "
    "status flag mode level group role permission access auth password secret hash "
    "signature certificate network address port host domain route url device driver "
    "bus irq dma page memory block sector inode mount disk partition volume kernel "
    "probe suspend resume power voltage gpio i2c spi usb pci eth phy mac frame packet "
    "ring tx rx desc skb dev priv ops reg mask shift offset size count length width "
    "height max min total sum average delta ratio scale factor test mock fake stub "
    "fixture assert expect should default custom base abstract generic simple local "
    "global static dynamic internal external public private async sync batch retry"
).split()
_TAIL_SHARES = (0.64, *[0.04] * 9)
_TAILS = ("", "s", "er", "ed", "ing", "able", "ion", "al", "2", "64")


def open_generated(names: int) -> tuple[Columns, float]:
    """Columns over a mapped file, and how many seconds they took to make (0: kept)."""
    folder = Path(tempfile.gettempdir()) / f"codanna-bench-columns-{_VERSION}-{names}"
    seconds = 0.0
    if not (folder / "done").exists():
        start = time.perf_counter()
        made = generate(names)
        seconds = time.perf_counter() - start
        folder.mkdir(exist_ok=True)
        for name, data in made.sections().items():
            (folder / name).write_bytes(data)
        (folder / "done").touch()
    return Columns.from_sections(
        {name: _mapped(folder / name) for name in TYPE_CODES}
    ), (seconds)


def generate(
    names: int, *, record_of: Callable[[str], FileRecord] | None = None
) -> Columns:
    """Columns with about that many distinct names, of files that `record_of` makes."""
    random = np.random.default_rng(SEED)
    candidates = _names(random, names)
    symbols = int(names * SYMBOLS_A_NAME)
    files = max(1, symbols // SYMBOLS_A_FILE)
    # Every name once, and then few names often, as in real code.
    often = (random.pareto(1.2, symbols - names) * names / 200).astype(np.int64) % names
    rows = random.permutation(np.concatenate((np.arange(names), often)))
    file_first = np.append(np.arange(files) * SYMBOLS_A_FILE, symbols)
    place = np.arange(symbols) - np.repeat(file_first[:-1], np.diff(file_first))
    # A name is mostly of one kind, wherever it is declared.
    kind_names = np.where(random.random(symbols) < 0.9, rows, rows[::-1])
    kinds = random.choice(
        [
            SymbolKind.CLASS,
            SymbolKind.STRUCT,
            SymbolKind.FUNCTION,
            SymbolKind.METHOD,
            SymbolKind.FIELD,
            SymbolKind.CONSTANT,
            SymbolKind.VARIABLE,
            SymbolKind.MACRO,
        ],
        names,
        p=[0.06, 0.04, 0.3, 0.2, 0.15, 0.1, 0.05, 0.1],
    )[kind_names]
    flags = np.where(random.random(symbols) < 0.1, SymbolFlag.TEST, SymbolFlag.EXPORTED)
    nested = (place > 0) & (random.random(symbols) < 0.4)
    return assembled(
        SymbolArrays(
            candidates=candidates,
            names=rows,
            kinds=kinds.astype(np.uint8),
            flags=flags.astype(np.uint8),
            lines=(place * 9).astype(np.uint32),
            columns=np.full(symbols, 4, np.uint16),
            widths=np.zeros(symbols, np.uint8),
            enclosing=np.where(nested, place // 8 * 8 * (place % 8 > 0), 0).astype(
                np.uint32
            ),
            scopes=np.zeros(symbols, np.uint32),
            file_first=file_first,
            scope_texts=[],
        ),
        [(record_of or _record)(path) for path in sorted(map(_path, range(files)))],
    )


def _names(random: np.random.Generator, count: int) -> Texts:
    """Two to five words each, in one of four styles; nearly all distinct."""
    stems = [stem + tail for stem in _STEMS for tail in _TAILS]
    styles = [
        stems,
        [stem.capitalize() for stem in stems],
        [f"_{stem}" for stem in stems],
        [stem.upper() for stem in stems],
        [f"_{stem.upper()}" for stem in stems],
    ]
    packed = [encode(text) for style in styles for text in style]
    table = texts_of(b"".join(packed), offsets_of(np.array(list(map(len, packed)))))
    first_style, next_style = np.array(
        [
            (0, 2),
            (0, 1),
            (1, 1),
            (3, 4),
        ]  # snake_case, camelCase, PascalCase, UPPER_CASE
    )[random.choice(4, count, p=[0.4, 0.2, 0.3, 0.1])].T
    lengths = random.choice([2, 3, 4, 5], count, p=[0.25, 0.4, 0.25, 0.1])
    starts = np.append(0, np.cumsum(lengths))
    # Some words are far commoner than others.
    total = int(starts[-1])
    commonness = (random.pareto(1.0, total) * 60).astype(np.int64) % len(_STEMS)
    tails = random.choice(len(_TAILS), total, p=_TAIL_SHARES)
    words = commonness * len(_TAILS) + tails
    style = np.repeat(next_style, lengths)
    style[starts[:-1]] = first_style
    parts = gathered(table, style * len(stems) + words)
    texts = Texts(parts.data, parts.offsets[starts])
    short = [encode(stem) for stem in stems[: min(count, len(stems))]]
    plain = texts_of(b"".join(short), offsets_of(np.array(list(map(len, short)))))
    both = joined(plain, texts)
    return Texts(both.data, both.offsets[: count + 1])


def _path(file: int) -> str:
    return f"src/part{file % 97}/mod{file % 1013}/file{file}.c"


def _record(path: str) -> FileRecord:
    return FileRecord(path, "c", Fingerprint(1, 1, b""), "e", 1, "", b"")


def _mapped(path: Path) -> memoryview:
    if not path.stat().st_size:
        return memoryview(b"")
    with path.open("rb") as file:
        return memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
