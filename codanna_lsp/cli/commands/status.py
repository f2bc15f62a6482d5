"""`status`: what the index of a workspace holds, and what is left out of it and why."""

from collections import defaultdict
from typing import Any

from rich.text import Text

from codanna_lsp.cli import exit_codes
from codanna_lsp.cli.opening import open_store
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
    plain,
    print_json,
    sized,
)
from codanna_lsp.indexing.plan import Plan, make_plan
from codanna_lsp.indexing.records import find_unreadable
from codanna_lsp.model.facts import Reason
from codanna_lsp.store.holding.folder import folder_of
from codanna_lsp.store.live_index import READER
from codanna_lsp.store.store_status import StoreStatus
from codanna_lsp.workspace.walk import walk

_SHOWN_PATHS = 5


def status(
    path: FolderArgument = None,
    *,
    setting: SettingOption = None,
    as_json: JsonOption = False,
) -> int:
    """Tell what the index holds, what is left out and why, and what was repaired."""
    settings = settings_from(setting)
    root = workspace_around(path, settings)
    folder = folder_of(root, settings)
    if not folder.is_dir():
        if as_json:
            print_json({"root": str(root), "folder": str(folder), "state": "EMPTY"})
        else:
            data_console().print(
                f"{plain(root)} has no index yet: codanna-lsp index {plain(root)}"
            )
        return exit_codes.NOTHING
    found = walk(root, settings)
    with open_store(root, settings) as store:
        records = list(store.data.files())
        plan = make_plan(found.files, records, off=frozenset(settings.languages_off))
        known = store.status()
    unreadable = find_unreadable(
        str(root),
        [file.path for file in plan.added],
        limit=settings.max_file_size_bytes,
    )
    plan = plan._replace(
        added=tuple(file for file in plan.added if file.path not in unreadable)
    )
    partial = {record.path: record.reason for record in records if record.reason}
    skipped = {**partial, **unreadable, **dict(found.skipped)}
    said = _to_json(str(root), known, plan, skipped)
    said["narrow"], said["hidden"] = found.reason, found.hidden
    if as_json:
        print_json(said)
    else:
        _print(said)
    return exit_codes.OK


def _to_json(
    root: str, known: StoreStatus, plan: Plan, skipped: dict[str, str]
) -> dict[str, Any]:
    return {
        "root": root,
        **known._asdict(),
        "holder": known.holder if known.mode == READER else 0,
        "incidents": [incident._asdict() for incident in known.incidents],
        "behind": {
            "added": len(plan.added),
            "outdated": len(plan.outdated),
            "to_compare": len(plan.suspects),
            "removed": len(plan.removed),
        },
        "skipped": [{"path": p, "reason": skipped[p]} for p in sorted(skipped)],
    }


def _print(said: dict[str, Any]) -> None:
    console = data_console()
    written_by = {
        "writer": "no server is running",
        "reader": f"written by process {said['holder']}",
        "memory": "kept in memory",
    }
    behind = {name: count for name, count in said["behind"].items() if count}
    late = ", ".join(
        f"{count:,} {name.replace('_', ' ')}" for name, count in behind.items()
    )
    size = sum(said["bytes_on_disk"].values())
    parts = ", ".join(f"{k} {sized(v)}" for k, v in said["bytes_on_disk"].items() if v)
    files = counted(said["file_count"], "file")
    symbols = counted(said["symbol_count"], "symbol")
    rows = [
        ("workspace", said["root"]),
        ("index", said["folder"]),
        ("state", " ".join((said["state"], said["reason"])).strip()),
        ("holds", f"{files}, {symbols}"),
        ("sources", late or "as indexed"),
        ("generation", f"{said['generation']}, up to transaction {said['serial']}"),
        ("on disk", f"{sized(size)} ({parts})" if parts else sized(size)),
        ("server", written_by[said["mode"]]),
    ]
    rows.extend(
        (i["severity"], f"{i['damaged']}: {i['done']}") for i in said["incidents"]
    )
    rows.extend((word, said[word]) for word in ("narrow", "hidden") if said[word])
    for word, text in rows:
        console.print(Text.assemble((f"{word:<11}", "dim"), one_line(text)))
    _print_skipped(said["skipped"])


def _print_skipped(skipped: list[dict[str, str]]) -> None:
    console = data_console()
    by_reason: dict[str, list[str]] = defaultdict(list)
    for item in skipped:
        by_reason[item["reason"]].append(item["path"])
    for reason, paths in sorted(by_reason.items()):
        word = "in part" if reason in Reason.IN_PART else "left out"
        console.print(Text.assemble((f"{word:<11}", "dim"), f"{len(paths):,} {reason}"))
        for path in paths[:_SHOWN_PATHS]:
            console.print(Text(f"             {one_line(path)}"))
        if len(paths) > _SHOWN_PATHS:
            console.print(Text("             ... (--json lists them all)"))
