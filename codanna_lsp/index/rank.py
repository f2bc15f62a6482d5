"""The static rank of a symbol: how good a hit it is before any question is known.

A symbol's weight is its kind's, out of 100, times a factor for each of: how deep it is
nested, being a test, in a generated or vendored file, deprecated, or a declaration
without a body (so that definitions stand before their prototypes), and a little for
what other files cannot use. The shape is
gopls' (`internal/fuzzy`), the order of kinds is Zoekt's, the factors clangd's.

Invariant: a rank depends on kind, flags and depth only, fits one byte, and smaller is
better; the stored order of names depends on it, so a change is a new store format.
"""

from codanna_lsp.model.symbol import SymbolFlag, SymbolKind

MAX_DEPTH = 3  # deeper nesting changes nothing more
WORST = 255

_KINDS = 32
_DEPTHS = MAX_DEPTH + 1
_WEIGHTS: dict[int, int] = {
    SymbolKind.CLASS: 100,
    SymbolKind.STRUCT: 98,
    SymbolKind.INTERFACE: 98,
    SymbolKind.TRAIT: 98,
    SymbolKind.ENUM: 97,
    SymbolKind.TYPE_ALIAS: 94,
    SymbolKind.FUNCTION: 84,
    SymbolKind.METHOD: 82,
    SymbolKind.MACRO: 72,
    SymbolKind.MODULE: 70,
    SymbolKind.NAMESPACE: 70,
    SymbolKind.PACKAGE: 70,
    SymbolKind.CONSTRUCTOR: 66,
    SymbolKind.CONSTANT: 62,
    SymbolKind.FILE: 60,
    SymbolKind.EVENT: 58,
    SymbolKind.PROPERTY: 56,
    SymbolKind.FIELD: 54,
    SymbolKind.ENUM_MEMBER: 52,
    SymbolKind.VARIABLE: 46,
    SymbolKind.OPERATOR: 40,
    SymbolKind.OBJECT: 36,
    SymbolKind.KEY: 24,
    SymbolKind.TYPE_PARAMETER: 12,
}
_OTHER_WEIGHT = 30
_FACTORS = (
    (SymbolFlag.DEPRECATED, 20),
    (SymbolFlag.TEST, 50),
    (SymbolFlag.DECLARATION, 90),
    (SymbolFlag.GENERATED, 40),
)
_PRIVATE_PERCENT = 98  # of a symbol that is not exported
_DEPTH_PERCENT = 4


def static_rank(kind: int, flags: int, depth: int) -> int:
    """0 (best) to 255; `depth` counts the enclosing symbols."""
    if kind >= _KINDS:
        kind = 0
    return RANKS[(kind << 8 | flags) * _DEPTHS + min(depth, MAX_DEPTH)]


def _weigh(kind: int, flags: int, depth: int) -> int:
    weight = _WEIGHTS.get(kind, _OTHER_WEIGHT) * (100 - _DEPTH_PERCENT * depth)
    for flag, percent in _FACTORS:
        if flags & flag:
            weight = weight * percent // 100
    if not flags & SymbolFlag.EXPORTED:
        weight = weight * _PRIVATE_PERCENT // 100
    return WORST - weight * WORST // 10_000


def _build_ranks() -> bytes:
    # 32 kinds by 256 flags by 4 depths; only five of the flags matter.
    mattering = sum(int(flag) for flag, _percent in _FACTORS) | SymbolFlag.EXPORTED
    known = {
        (kind, flags, depth): _weigh(kind, flags, depth)
        for kind in range(_KINDS)
        for flags in {flags & mattering for flags in range(256)}
        for depth in range(_DEPTHS)
    }
    return bytes(
        known[kind, flags & mattering, depth]
        for kind in range(_KINDS)
        for flags in range(256)
        for depth in range(_DEPTHS)
    )


RANKS = _build_ranks()
