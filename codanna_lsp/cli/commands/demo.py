"""`demo`: index, ask, damage, ask again, and the answers are the same."""

import sysconfig
import tempfile
import time
from itertools import islice
from pathlib import Path
from typing import Annotated, NamedTuple

import typer
from rich.console import Console
from rich.text import Text

from codanna_lsp.cli import exit_codes
from codanna_lsp.cli.demo.damage import flip_bytes, newest_snapshot
from codanna_lsp.cli.demo.questions import (
    DEFINITION_QUESTIONS,
    Asked,
    Question,
    ask_all,
    definition_questions,
    language_id,
    locations,
    symbol_questions,
)
from codanna_lsp.cli.demo.session import ServerSession
from codanna_lsp.cli.opening import open_store
from codanna_lsp.cli.options import folder_given
from codanna_lsp.cli.places import Lines, kind_name
from codanna_lsp.cli.progress import shown_progress
from codanna_lsp.cli.terminal import counted, data_console, print_error, sized
from codanna_lsp.errors import WorkspaceError
from codanna_lsp.indexing.indexer import Indexer
from codanna_lsp.settings import Settings
from codanna_lsp.store.holding.folder import folder_of

MESSAGE_TIMEOUT_S = 20.0
_CANDIDATES = 40
_STRIDE = 13
_SHOWN = 60


class Plan(NamedTuple):
    """What is shown: a workspace, an index of our own, and questions with a place."""

    root: Path
    settings: Settings
    symbols: list[Question]
    places: list[tuple[Path, Question]]


def demo(
    path: Annotated[
        Path | None,
        typer.Argument(
            metavar="[PATH]",
            readable=False,
            help="The folder to try it on.",
            show_default="Python's standard library",
        ),
    ] = None,
) -> int:
    """Show it at work: index, ask, damage the index, ask again, compare."""
    root = folder_given(path or Path(sysconfig.get_paths()["stdlib"]))
    console = data_console()
    started = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="codanna-demo-") as aside:
        exclude = ("site-packages/",) if path is None else ()
        settings = Settings(index_folder=aside, exclude=exclude)
        plan = _index(console, root, settings)
        _say(console, "2", "A server starts, as an editor starts it")
        first, _ = _session(console, plan)
        _damage(console, folder_of(root, settings))
        _say(console, "4", "A server starts again")
        second, message = _session(console, plan, after_damage=True)
    same = [a.answer == b.answer for a, b in zip(first, second, strict=True)]
    seconds = time.perf_counter() - started
    if not all(same) or not message:
        what = "nothing was said about the damage" if all(same) else "answers differ"
        print_error(f"the demonstration failed: {what}")
        return exit_codes.NOTHING
    console.print(
        f"[bold green]All {len(same)} answers are the same as before the damage.[/] "
        f"{seconds:.1f} s in all; nothing of it is left on disk."
    )
    return exit_codes.OK


def _say(console: Console, number: str, text: str) -> None:
    console.print(Text.assemble((f"\n{number}  ", "bold cyan"), (text, "bold")))


def _index(console: Console, root: Path, settings: Settings) -> Plan:
    _say(console, "1", f"Index {root}")
    with open_store(root, settings) as store:
        with shown_progress() as show:
            summary = Indexer(root, store, settings, on_progress=show).run()
        status = store.status()
        if not status.symbol_count:
            raise WorkspaceError(
                f"{root} holds no symbols in a language that is known here"
                + (f": {summary.narrow}" if summary.narrow else ""),
                path=root,
                advice="name a folder with source files",
            )
        size = sum(status.bytes_on_disk.values())
        console.print(
            f"   {counted(status.file_count, 'file')}, "
            f"{counted(status.symbol_count, 'symbol')} in {summary.seconds:.1f} s; "
            f"{sized(size)} on disk"
        )
        view = store.view()
        lines = Lines(root, settings)
        found = definition_questions(view, root, lines)
        places = list(islice(found, _CANDIDATES))
        # The first few come from all over the workspace, not from its first folder.
        places = [p for first in range(_STRIDE) for p in places[first::_STRIDE]]
        return Plan(root, settings, symbol_questions(view), places)


def _session(
    console: Console, plan: Plan, *, after_damage: bool = False
) -> tuple[list[Asked], str]:
    """Start a server, ask everything, show it; what was answered, and the message."""
    options = {
        "indexFolder": plan.settings.index_folder,
        "exclude": list(plan.settings.exclude),
    }
    with ServerSession(plan.root, options) as server:
        server.wait_until_ready()
        console.print(f"   its index is ready after {server.start_milliseconds:.0f} ms")
        message = ""
        if after_damage:
            message = server.wait_for_message(timeout_s=MESSAGE_TIMEOUT_S) or ""
            said = message or "(nothing)"
            console.print(Text.assemble("   it says: ", (said, "yellow")))
        asked = ask_all(server, plan.symbols)
        if not after_damage:
            plan.places[:] = _with_answers(server, plan.places)
        for file in sorted({file for file, _ in plan.places}):
            server.open_file(file, language_id(file))
        asked += ask_all(server, [question for _, question in plan.places])
    for one in asked:
        console.print(
            Text.assemble(
                f"   {_shortened(one.question.shown):<{_SHOWN}} ",
                (f"{one.milliseconds:6.1f} ms\n", "dim"),
                ("      " + _answer(one, plan.root), "green"),
            )
        )
    return asked, message


def _with_answers(
    server: ServerSession, places: list[tuple[Path, Question]]
) -> list[tuple[Path, Question]]:
    """The first questions that have an answer in another file."""
    good: list[tuple[Path, Question]] = []
    for file, question in places:
        server.open_file(file, language_id(file))
        found = locations(server.ask(question.method, question.params).result)
        if len(found) == 1 and found[0]["uri"] != file.as_uri():
            good.append((file, question))
        if len(good) == DEFINITION_QUESTIONS:
            break
    return good


def _damage(console: Console, folder: Path) -> None:
    snapshot = newest_snapshot(folder)
    _say(console, "3", f"The index is damaged: {snapshot.name}")
    size = snapshot.stat().st_size
    count = flip_bytes(snapshot)
    console.print(f"   {count} of its {size:,} bytes were turned over")


def _answer(asked: Asked, root: Path) -> str:
    """The best answer, as `path:line kind name`, and how many there are."""
    found = locations(asked.answer)
    if not found:
        return "(no answer)"
    best = found[0]
    uri = root.as_uri() + "/"
    start = best["range"]["start"]
    words = [f"{best['uri'].removeprefix(uri)}:{start['line'] + 1}"]
    if "name" in best:
        words += [kind_name(best["kind"]), best["name"]]
    more = f"  (and {len(found) - 1:,} more)" if len(found) > 1 else ""
    return "  ".join(words) + more


def _shortened(text: str) -> str:
    return text if len(text) <= _SHOWN else text[: _SHOWN - 3] + "..."
