"""`verify`: check every byte of the index in use, and compare it with the sources."""

import contextlib
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import typer
from rich.text import Text

from codanna_lsp.cli import exit_codes
from codanna_lsp.cli.checks import MAX_NAMED_FILES, Part, check_parts
from codanna_lsp.cli.copying import copy_index
from codanna_lsp.cli.opening import get_index_folder
from codanna_lsp.cli.options import (
    FolderArgument,
    JsonOption,
    SettingOption,
    settings_from,
    workspace_around,
)
from codanna_lsp.cli.terminal import (
    counted,
    data_console,
    one_line,
    print_json,
    print_remark,
)
from codanna_lsp.errors import CorruptionError
from codanna_lsp.index.index_data import IndexData
from codanna_lsp.indexing.plan import make_plan
from codanna_lsp.indexing.records import find_unreadable
from codanna_lsp.model.facts import FileRecord, Reason
from codanna_lsp.settings import Settings
from codanna_lsp.store.disk import RealDisk
from codanna_lsp.store.incident import Incident
from codanna_lsp.store.index_store import IndexStore
from codanna_lsp.store.recovering.recovery import load_for_reading
from codanna_lsp.workspace.fingerprint import read_source
from codanna_lsp.workspace.walk import walk


class _Recovered(NamedTuple):
    data: IndexData
    generation: int
    serial: int
    incidents: tuple[Incident, ...]


def verify(
    path: FolderArgument = None,
    *,
    no_sources: Annotated[
        bool,
        typer.Option(
            "--no-sources",
            help="Tell what recovery alone gives; with --json, the whole index.",
        ),
    ] = False,
    setting: SettingOption = None,
    as_json: JsonOption = False,
) -> int:
    """Check every byte of the index in use, name each damaged part, and change nothing."""
    settings = settings_from(setting)
    root = workspace_around(path, settings)
    folder = get_index_folder(root, settings)
    parts = check_parts(folder)
    damaged = any(part.damage for part in parts)
    said: dict[str, Any] = {
        "root": str(root),
        "folder": str(folder),
        "damaged": damaged,
        "parts": [part._asdict() for part in parts],
    }
    found = _recovered(folder, root, damaged=damaged)
    said["recovered"] = {
        "files": found.data.file_count,
        "symbols": found.data.symbol_count,
        "generation": found.generation,
        "serial": found.serial,
        "incidents": [incident._asdict() for incident in found.incidents],
    }
    differing: dict[str, list[str]] = {}
    unreadable: dict[str, str] = {}
    if not no_sources:
        differing, unreadable = _differing(root, settings, found.data)
        said["sources"] = differing | {
            "unreadable": [
                {"path": path, "reason": unreadable[path]} for path in unreadable
            ]
        }
    elif as_json:
        said["index"] = found.data.dump()
    if as_json:
        print_json(said)
    else:
        _print(parts, said, differing, found.incidents)
        _print_unreadable(unreadable)
    if damaged:
        return exit_codes.DAMAGED
    return exit_codes.NOTHING if any(differing.values()) else exit_codes.OK


def _recovered(folder: Path, root: Path, *, damaged: bool) -> _Recovered:
    """What a start would recover now; nothing in the folder is changed."""
    if not damaged:
        with contextlib.suppress(CorruptionError):  # a server has just changed it
            loaded = load_for_reading(RealDisk(), folder)
            generation = loaded.manifest.metadata.generation
            return _Recovered(loaded.data, generation, loaded.chain.transaction, ())
    with tempfile.TemporaryDirectory(prefix="codanna-verify-") as aside:
        copy = Path(aside).resolve() / folder.name
        copy_index(folder, copy)
        store = IndexStore.open(copy, root=root)
        try:
            while not store.verify_blobs(4096):
                pass  # damaged facts come from the other store, as behind READY
            # Read whole before the copy goes: its snapshot is mapped, not loaded.
            records = list(_readable_records(store.data))
            known = store.status()
        finally:
            store.close()
    data = IndexData().with_changes(records)
    return _Recovered(data, known.generation, known.serial, known.incidents)


def _readable_records(data: IndexData) -> Iterator[FileRecord]:
    """Every record, but of those files whose facts neither store has."""
    for path in data.paths():
        with contextlib.suppress(CorruptionError):
            record = data.record(path)
            if record is not None:
                yield record


def _differing(
    root: Path, settings: Settings, data: IndexData
) -> tuple[dict[str, list[str]], dict[str, str]]:
    """The paths where the index and the sources say different things, by how.

    And those of which nobody can tell, with the reason: an index run changes nothing.
    """
    off = frozenset(settings.languages_off)
    limit = settings.max_file_size_bytes
    found = walk(root, settings)
    plan = make_plan(found.files, data.files(), off=off, hash_all=True)
    added = [file.path for file in plan.added]
    unreadable = find_unreadable(str(root), added, limit=limit)
    changed = [file.path for file, _ in plan.outdated]
    for file, record in plan.suspects:
        # The bytes decide. Extracting them took nine times as long in all, and a file that
        # crashes its parser would have ended the command.
        now = read_source(str(root), file.path, limit=limit)
        if now == Reason.UNREADABLE:
            unreadable[file.path] = Reason.UNREADABLE
        elif (
            isinstance(now, str) or now.fingerprint.digest != record.fingerprint.digest
        ):
            changed.append(file.path)
    differing = {
        "added": [path for path in added if path not in unreadable],
        "changed": sorted(changed),
        "removed": list(plan.removed),
    }
    return differing, dict(sorted(unreadable.items()))


def _print(
    parts: tuple[Part, ...],
    said: dict[str, Any],
    differing: dict[str, list[str]],
    told: tuple[Incident, ...],
) -> None:
    console = data_console()
    for part in parts:
        if part.damage:
            console.print(Text.assemble(("damaged  ", "bold red"), f"{part.name}: "))
            console.print(Text(f"         {one_line(part.damage)}"))
            for path in part.files[:MAX_NAMED_FILES]:
                console.print(Text(f"         {one_line(path)}"))
        else:
            console.print(Text.assemble(("good     ", "green"), part.name))
    recovered = said["recovered"]
    console.print(
        f"a start now finds {counted(recovered['files'], 'file')} and "
        f"{counted(recovered['symbols'], 'symbol')}, up to transaction "
        f"{recovered['serial']:,}"
    )
    for incident in told:
        console.print(Text(f"and would say: {one_line(str(incident))}"))
    for how, paths in differing.items():
        if paths:
            console.print(Text(f"{how} since it was indexed: {len(paths):,}"))
            for path in paths[:MAX_NAMED_FILES]:
                console.print(Text(f"         {one_line(path)}"))
    if any(part.damage for part in parts):
        print_remark(f"`codanna-lsp repair {said['root']}` mends what is damaged")


def _print_unreadable(unreadable: dict[str, str]) -> None:
    console = data_console()
    for path in list(unreadable)[:MAX_NAMED_FILES]:
        console.print(Text(f"left out: {one_line(path)} ({unreadable[path]})"))
    if len(unreadable) > MAX_NAMED_FILES:
        console.print(f"left out: {len(unreadable) - MAX_NAMED_FILES:,} more files")
