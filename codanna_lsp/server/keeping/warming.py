"""Warming: what later questions need is loaded behind the first answers.

Numpy first: until it is there, names are scanned without it. Then what a definition
and a save need of each language of the workspace.

Invariant: a step that holds every other thread up (a large query takes 0.2 s to
    compile) waits until the client has been quiet, but not for ever.
"""

import gc
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING

from codanna_lsp.server import guard

if TYPE_CHECKING:
    from codanna_lsp.index.view import View
    from codanna_lsp.languages.language import Language

QUIET_S = 0.3
# How long a client that is never quiet is waited for, by what the next step costs it.
SHORT_STEP_S = 0.2
LONG_STEP_S = 10.0
MAX_LANGUAGES = 6
_LOOK_S = 0.05


def warm_up(
    view: "View",
    opened: Iterable[str],
    *,
    heard_s: Callable[[], float],
    stop: threading.Event,
) -> None:
    """Load all of it, in steps; in a thread that may wait.

    opened: paths of open documents; their languages come first. heard_s: when the
    client was last heard, in `time.monotonic` seconds.
    """
    for patience_s, step in _steps(view, opened):
        _wait_for_quiet(patience_s, heard_s, stop)
        if stop.is_set():
            return
        guard.attempt("loading ahead", step)


def _steps(
    view: "View", opened: Iterable[str]
) -> Iterator[tuple[float, Callable[[], object]]]:
    """What is loaded, and how long each step waits for quiet at most."""
    yield 0.0, partial(import_module, "codanna_lsp.queries.bulk_hits")
    yield 0.0, partial(import_module, "codanna_lsp.extraction.syntax")
    languages, _ = guard.attempt("loading ahead", partial(_languages, view, opened))
    for language in languages or ():
        yield SHORT_STEP_S, partial(_warm_definition, view, language)
    for language in languages or ():
        yield LONG_STEP_S, partial(_warm_extraction, language)
    yield LONG_STEP_S, gc.freeze  # as at the start: what was loaded stays


def _languages(view: "View", opened: Iterable[str]) -> "list[Language]":
    """The languages of open documents, then the commonest of the index."""
    from codanna_lsp.languages.registry import all_languages, language_of

    counts = Counter[str]()
    for columns, _ in view.data.parts:
        for text, count in Counter(columns.file_language).items():
            counts[columns.text(text)] += count
    known = {language.id: language for language in all_languages() if language.grammar}
    shown = [language.id for path in opened if (language := language_of(path))]
    wanted = dict.fromkeys([*shown, *(found for found, _ in counts.most_common())])
    return [known[found] for found in wanted if found in known][:MAX_LANGUAGES]


def _warm_definition(view: "View", language: "Language") -> None:
    from codanna_lsp.extraction.syntax import SyntaxTree
    from codanna_lsp.queries.definition import DefinitionQuestion, find_definition

    tree = SyntaxTree.parse(b"a", language)
    tree.bindings("a", 0, 0)
    path = f"a{min(language.extensions, default='')}"
    find_definition(view, DefinitionQuestion(path, 0, 0), tree)


def _warm_extraction(language: "Language") -> None:
    from codanna_lsp.extraction.extract import extract_facts

    extract_facts(b"", language)


def _wait_for_quiet(
    patience_s: float, heard_s: Callable[[], float], stop: threading.Event
) -> None:
    until = time.monotonic() + patience_s
    while not stop.is_set() and (now := time.monotonic()) < until:
        if now - heard_s() >= QUIET_S:
            return
        stop.wait(_LOOK_S)
