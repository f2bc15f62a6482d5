"""`repair`: mend what is damaged, from the other store or from the sources."""

from pathlib import Path
from typing import Any

from codanna_lsp.cli import exit_codes
from codanna_lsp.cli.beside import let_holder_run
from codanna_lsp.cli.checks import Part, check_parts
from codanna_lsp.cli.opening import get_index_folder, open_store
from codanna_lsp.cli.options import (
    FolderArgument,
    JsonOption,
    SettingOption,
    settings_from,
    workspace_around,
)
from codanna_lsp.cli.progress import shown_progress
from codanna_lsp.cli.terminal import (
    counted,
    data_console,
    plain,
    print_error,
    print_json,
)
from codanna_lsp.indexing.indexer import Indexer
from codanna_lsp.store.live_index import READER
from codanna_lsp.store.store_status import StoreStatus


def repair(
    path: FolderArgument = None,
    *,
    setting: SettingOption = None,
    as_json: JsonOption = False,
) -> int:
    """Mend the index: what is damaged is built again, and every source compared."""
    settings = settings_from(setting)
    root = workspace_around(path, settings)
    folder = get_index_folder(root, settings)
    before = [part for part in check_parts(folder) if part.damage]
    with open_store(root, settings) as store:
        if store.mode == READER:
            code = let_holder_run(folder, "repair")
            return _tell(before, folder, store.status(), as_json=as_json) or code
        # What neither store has is left out of both, and found again as new files.
        is_written = store.repair()
        with shown_progress() as show:
            Indexer(root, store, settings, on_progress=show).run(hash_all=True)
        store.sources_hashed()
        status = store.status()
    code = _tell(before, folder, status, as_json=as_json)
    if code == exit_codes.OK and not is_written:
        print_error(
            "the index could not be written to disk",
            "see that the disk is not full and the index folder can be written",
        )
        return exit_codes.FOLDER
    return code


def _tell(
    before: list[Part], folder: Path, status: StoreStatus, *, as_json: bool
) -> int:
    after = [part for part in check_parts(folder) if part.damage]
    said: dict[str, Any] = {
        "folder": str(folder),
        "damaged_before": [part._asdict() for part in before],
        "damaged_after": [part._asdict() for part in after],
        "files": status.file_count,
        "symbols": status.symbol_count,
        "incidents": [incident._asdict() for incident in status.incidents],
    }
    if as_json:
        print_json(said)
    elif not after:
        mended = ", ".join(part.name for part in before) or "nothing was damaged"
        data_console().print(
            f"{'mended: ' if before else ''}{plain(mended)}; "
            f"{counted(status.file_count, 'file')}, "
            f"{counted(status.symbol_count, 'symbol')}"
        )
    if after:
        names = ", ".join(f"{part.name} ({part.damage})" for part in after)
        print_error(
            f"still damaged: {names}",
            "run `codanna-lsp clean`, then `codanna-lsp index`, with the same PATH",
        )
        return exit_codes.DAMAGED
    return exit_codes.OK
