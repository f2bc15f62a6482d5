"""Which symbols of one part may answer a question, their names aside.

Invariant: a file is judged once a question; a symbol is not decoded to be judged
unless the question asks for containers.
"""

import re
from fnmatch import translate

from codanna_lsp.index.index_data import Part
from codanna_lsp.index.name_table.names import fold
from codanna_lsp.model.symbol import SymbolFlag

_GLOB = re.compile(r"[*?\[]")
_TEST_FOLDERS = frozenset({"test", "tests", "__tests__", "testing"})
_SCOPE_SEPARATORS = re.compile(r"::|->|[./\\#]")


class Wanted:
    """What a symbol must be besides matching by name; everything folded.

    kinds, languages: sets that it must be in, each; an empty set is no condition.
    paths: in the path, or globs of the whole path. also: in path or containers.
    qualifiers: the end of path and containers, outermost first; `within`, they may be
    any parts of these, in their order.
    """

    __slots__ = (
        "also",
        "globs",
        "kinds",
        "languages",
        "no_tests",
        "paths",
        "qualifiers",
        "within",
    )

    def __init__(
        self,
        *,
        kinds: tuple[frozenset[int], ...],
        languages: tuple[frozenset[str], ...],
        paths: tuple[str, ...],
        also: tuple[str, ...],
        qualifiers: tuple[str, ...],
        within: bool,
        no_tests: bool,
    ) -> None:
        self.kinds = tuple(filter(None, kinds))
        self.languages = tuple(filter(None, languages))
        self.paths = tuple(path for path in paths if not _GLOB.search(path))
        self.globs = tuple(
            re.compile(translate(path)) for path in paths if _GLOB.search(path)
        )
        self.also = also
        self.qualifiers = tuple(map(fold, qualifiers))
        self.within = within
        self.no_tests = no_tests

    @property
    def nothing(self) -> bool:
        """Whether every symbol is wanted."""
        return not (
            self.also
            or self.globs
            or self.kinds
            or self.languages
            or self.no_tests
            or self.paths
            or self.qualifiers
        )


class PartFilter:
    """The judge of one part's symbols."""

    __slots__ = ("_judged", "_part", "_wanted", "allows_all")

    def __init__(self, part: Part, wanted: Wanted) -> None:
        self._part = part
        self._wanted = wanted
        self._judged: dict[int, bool] = {}
        self.allows_all = not part.hidden and wanted.nothing

    @property
    def hidden(self) -> frozenset[int]:
        """Files that newer records hide."""
        return self._part.hidden

    @property
    def kinds(self) -> frozenset[int] | None:
        """The kinds that may answer, None for all."""
        kinds = self._wanted.kinds
        if not kinds:
            return None
        return frozenset(kind for kind in kinds[0] if all(kind in k for k in kinds[1:]))

    @property
    def no_tests(self) -> bool:
        """Whether tests may not answer."""
        return self._wanted.no_tests

    @property
    def looks_at_files(self) -> bool:
        """Whether languages or paths are asked for."""
        wanted = self._wanted
        asked = wanted.languages, wanted.paths, wanted.globs, wanted.no_tests
        return any(asked)

    @property
    def looks_at_containers(self) -> bool:
        """Whether symbols are asked for by what stands around them."""
        return bool(self._wanted.also or self._wanted.qualifiers)

    def allows(self, symbol: int, file: int) -> bool:
        """Whether a symbol of a file may answer."""
        allowed = self._judged.get(file)
        if allowed is None:
            allowed = self._judged[file] = self.allows_file(file)
        if not allowed:
            return False
        wanted, columns = self._wanted, self._part.columns
        if not all(columns.kinds[symbol] in kinds for kinds in wanted.kinds):
            return False
        if wanted.no_tests and columns.flags[symbol] & SymbolFlag.TEST:
            return False
        if wanted.also or wanted.qualifiers:
            return self.stands_in(symbol, file)
        return True

    def allows_file(self, file: int) -> bool:
        """Whether any symbol of a file may answer."""
        if file in self._part.hidden:
            return False
        wanted, columns = self._wanted, self._part.columns
        if wanted.languages:
            language = columns.language(file)
            if not all(language in languages for languages in wanted.languages):
                return False
        if not (wanted.paths or wanted.globs or wanted.no_tests):
            return True
        path = fold(columns.path(file))
        if wanted.no_tests and not _TEST_FOLDERS.isdisjoint(path.split("/")[:-1]):
            return False
        return all(part in path for part in wanted.paths) and all(
            glob.match(path) for glob in wanted.globs
        )

    def stands_in(self, symbol: int, file: int) -> bool:
        """Whether a symbol stands in the path and the containers that are wanted."""
        wanted, columns = self._wanted, self._part.columns
        first = columns.file_first[file]
        path = fold(columns.path(file))
        names = [fold(name) for name in columns.container_names(symbol, first)]
        if wanted.also:
            where = "/".join((path, *names))
            if not all(word in where for word in wanted.also):
                return False
        if not wanted.qualifiers:
            return True
        asked = list(wanted.qualifiers)
        chains = _chains(path, names)
        if wanted.within:
            return any(_holds_in_order(chain, asked) for chain in chains)
        return any(chain[-len(asked) :] == asked for chain in chains)


def _holds_in_order(chain: list[str], asked: list[str]) -> bool:
    left = iter(chain)
    return all(part in left for part in asked)


def _chains(path: str, names: list[str]) -> list[list[str]]:
    """Module path and containers, in each form that a user may write.

    A package's `__init__`, `index` or `mod` file may be left out, as imports do.
    """
    folder, _slash, base = path.rpartition("/")
    modules = [part for part in folder.split("/") if part]
    inner = [part for name in names for part in _SCOPE_SEPARATORS.split(name) if part]
    stem = base.split(".", 1)[0]
    chains = [[*modules, stem, *inner]]
    if base != stem:
        chains.append([*modules, base, *inner])
    if stem in {"__init__", "index", "mod", "lib"}:
        chains.append([*modules, *inner])
    return chains
