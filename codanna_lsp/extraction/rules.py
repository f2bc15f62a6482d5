"""A language's text rules: what its text says beyond the grammar, loaded by name.

The module that `Language.rules` names holds pure functions of text:

- `classify(kind, name, head, owner) -> (kind, flags)`: called once a symbol. `kind` is
  the capture's, `head` the declaration's bytes from its decorators or modifiers up to
  its body (at most 400 bytes where there is none), `owner` the container's kind or 0.
  Returns the final kind and SymbolFlag bits. A symbol that stands in a container
  which is not exported loses EXPORTED afterwards.
- `read_imports(statement, *, at_top)`: yields ((name, module, original, reexport),
  offset) of each name that an `@import` node binds; `at_top`: outside any declaration.
- `exported_names(source) -> set of names or None`, optional: what the file's own list of
  exports says (`__all__`); where there is one, it decides on top-level names.
- `prepare(source, words) -> bytes`, optional: the text as the grammar can read it, with
  the same length and line feeds; whatever it changes is still read from the source.
  `words` are the text's distinct words: what is not among them need not be looked for.
- `finish(symbols, source, path) -> symbols`, optional: a last look at the whole file.
"""

from collections.abc import Callable, Iterable
from collections.abc import Set as AbstractSet
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from codanna_lsp.languages.language import ImportRow, Language
from codanna_lsp.model.symbol import Symbol


class ReadImports(Protocol):
    """Reads one import statement (see above)."""

    def __call__(
        self, statement: bytes, *, at_top: bool
    ) -> Iterable[tuple[ImportRow, int]]:
        """The rows with their offsets in the statement."""
        ...


class Rules(NamedTuple):
    """The text rules of one language."""

    classify: Callable[[int, str, bytes, int], tuple[int, int]]
    read_imports: ReadImports
    exported_names: Callable[[bytes], set[str] | None] | None
    finish: Callable[[list[Symbol], bytes, str], list[Symbol]] | None
    prepare: Callable[[bytes, AbstractSet[str]], bytes] | None


@cache
def load_rules(language: Language) -> Rules:
    """Import the rules of a language that has some."""
    module: Any = import_module(language.rules)
    return Rules(
        module.classify,
        module.read_imports,
        getattr(module, "exported_names", None),
        getattr(module, "finish", None),
        getattr(module, "prepare", None),
    )


def rules_text(language: Language) -> bytes:
    """The source of a language's rules and of all beside them, for the extractor's
    version.
    """
    if not language.rules:
        return b""
    rules = import_module(language.rules)
    prepare = getattr(rules, "prepare", None)
    modules = [rules] if prepare is None else [rules, import_module(prepare.__module__)]
    folders = dict.fromkeys(Path(str(module.__file__)).parent for module in modules)
    paths = [path for folder in folders for path in sorted(folder.glob("*.py"))]
    return b"".join(path.read_bytes() for path in paths)
