"""`index`: build the index of a workspace, or bring it up to date."""

import signal
from collections import Counter
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

from codanna_lsp.cli import exit_codes
from codanna_lsp.cli.beside import let_holder_run
from codanna_lsp.cli.opening import open_store
from codanna_lsp.cli.options import (
    JsonOption,
    SettingOption,
    folder_given,
    settings_from,
)
from codanna_lsp.cli.progress import shown_progress
from codanna_lsp.cli.terminal import (
    counted,
    data_console,
    plain,
    print_error,
    print_json,
    print_remark,
    sized,
)
from codanna_lsp.indexing.indexer import Indexer
from codanna_lsp.indexing.plan import make_plan
from codanna_lsp.indexing.progress import RunSummary
from codanna_lsp.model.facts import FileRecord
from codanna_lsp.settings import Settings
from codanna_lsp.store.holding.folder import folder_of
from codanna_lsp.store.index_store import IndexStore
from codanna_lsp.store.live_index import READER
from codanna_lsp.workspace.walk import walk
from codanna_lsp.workspace.walker import Skipped


def index(
    path: Annotated[
        Path,
        typer.Argument(
            metavar="[PATH]", readable=False, help="The workspace's folder."
        ),
    ] = Path(),
    *,
    force: Annotated[
        bool,
        typer.Option("--force", help="Extract every file again, changed or not."),
    ] = False,
    jobs: Annotated[
        int, typer.Option(min=0, max=256, help="Worker processes; 0 is one a core.")
    ] = 0,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Tell what would be done, and do nothing.")
    ] = False,
    setting: SettingOption = None,
    as_json: JsonOption = False,
) -> int:
    """Build the index of a workspace, or bring it up to date."""
    settings = settings_from(setting)
    if jobs:
        settings = replace(settings, jobs=jobs)
    root = folder_given(path)
    if dry_run:
        return _tell_plan(root, settings, force=force, as_json=as_json)
    with open_store(root, settings) as store:
        if store.mode == READER:
            return _let_holder_index(root, settings, force=force, as_json=as_json)
        with shown_progress() as show, _interruptible() as interrupted:
            indexer = Indexer(root, store, settings, on_progress=show)
            summary = indexer.run(
                force=force, hash_all=store.must_hash_sources, cancelled=interrupted
            )
        said = _to_json(root, store, summary, indexer.skipped)
    if as_json:
        print_json(said)
    else:
        _print_summary(said, summary)
    if settings.index_place == "memory":
        print_remark("kept in memory, as indexPlace says: nothing is left of it now")
        return exit_codes.INTERRUPTED if summary.cancelled else exit_codes.OK
    return _exit_code(summary)


def _let_holder_index(
    root: Path, settings: Settings, *, force: bool, as_json: bool
) -> int:
    code = let_holder_run(folder_of(root, settings), "rebuild" if force else "index")
    with open_store(root, settings) as store:
        status = store.status()
    if as_json:
        print_json(
            {
                "root": str(root),
                "folder": status.folder,
                "files": status.file_count,
                "symbols": status.symbol_count,
                "done_by": status.holder,
            }
        )
    else:
        data_console().print(
            f"{counted(status.file_count, 'file')}, "
            f"{counted(status.symbol_count, 'symbol')}, indexed by the running server"
        )
    return code


@contextmanager
def _interruptible() -> Generator[Callable[[], bool]]:
    """The first interrupt ends the run in good order, the second one at once."""
    asked: list[bool] = []

    def interrupt(_number: int, _frame: object) -> None:
        if asked:
            raise KeyboardInterrupt
        asked.append(True)

    before = signal.signal(signal.SIGINT, interrupt)
    try:
        yield lambda: bool(asked)
    finally:
        signal.signal(signal.SIGINT, before)


def _exit_code(summary: RunSummary) -> int:
    if not summary.durable:
        print_error(
            "the index could not be written to disk",
            "see that the disk is not full and the folder above can be written",
        )
        return exit_codes.FOLDER
    if summary.cancelled:
        print_error("interrupted; what was committed so far is kept")
        return exit_codes.INTERRUPTED
    return exit_codes.OK


def _to_json(
    root: Path, store: IndexStore, summary: RunSummary, skipped: Iterable[Skipped]
) -> dict[str, Any]:
    status = store.status()
    return {
        "root": str(root),
        "folder": status.folder,
        "files": status.file_count,
        "symbols": status.symbol_count,
        "added": summary.added,
        "changed": summary.changed,
        "removed": summary.removed,
        "unchanged": summary.unchanged,
        "skipped": [item._asdict() for item in skipped],
        "seconds": round(summary.seconds, 3),
        "bytes": status.bytes_on_disk,
        "durable": summary.durable,
        "cancelled": summary.cancelled,
        "narrow": summary.narrow,
        "hidden": summary.hidden,
        "fallback": summary.fallback,
        "incidents": [incident._asdict() for incident in status.incidents],
    }


def _print_summary(said: dict[str, Any], summary: RunSummary) -> None:
    console = data_console()
    console.print(
        f"[bold]{counted(said['files'], 'file')}, "
        f"{counted(said['symbols'], 'symbol')}[/] in {summary.seconds:.1f} s: "
        f"{summary.added:,} added, {summary.changed:,} changed, "
        f"{summary.removed:,} removed, {summary.unchanged:,} unchanged"
    )
    print_skipped(said["skipped"])
    size = sum(said["bytes"].values())
    console.print(f"{sized(size)} in {plain(said['folder'] or 'memory')}")
    for remark in (summary.narrow, summary.hidden, summary.fallback):
        if remark:
            print_remark(remark)


def print_skipped(skipped: Iterable[dict[str, str]]) -> None:
    """How many files are left out or known in part only, by their reasons."""
    reasons = Counter(item["reason"] for item in skipped)
    if reasons:
        told = ", ".join(f"{count:,} {why}" for why, count in reasons.most_common())
        data_console().print(f"left out or known in part: {plain(told)}")


def _known_files(root: Path, settings: Settings) -> list[FileRecord]:
    if not folder_of(root, settings).is_dir():
        return []
    with open_store(root, settings) as store:
        return list(store.data.files())


def _tell_plan(root: Path, settings: Settings, *, force: bool, as_json: bool) -> int:
    found = walk(root, settings)
    plan = make_plan(
        found.files,
        _known_files(root, settings),
        off=frozenset(settings.languages_off),
        force=force,
    )
    size = sum(file.size for file in found.files)
    said: dict[str, Any] = {
        "root": str(root),
        "files": len(found.files),
        "source_bytes": size,
        "added": len(plan.added),
        "outdated": len(plan.outdated),
        "to_compare": len(plan.suspects),
        "removed": len(plan.removed),
        "unchanged": plan.unchanged,
        "skipped": [item._asdict() for item in found.skipped],
        "narrow": found.reason,
        "hidden": found.hidden,
    }
    if as_json:
        print_json(said)
        return exit_codes.OK
    console = data_console()
    console.print(
        f"{counted(len(found.files), 'file')}, {sized(size)} of source: would add "
        f"{len(plan.added):,}, extract {len(plan.outdated):,} again, compare "
        f"{len(plan.suspects):,}, remove {len(plan.removed):,}, and leave "
        f"{plan.unchanged:,} as they are"
    )
    print_skipped(said["skipped"])
    for remark in filter(None, (found.reason, found.hidden)):
        print_remark(remark)
    return exit_codes.OK
