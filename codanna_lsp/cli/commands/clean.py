"""`clean`: remove a workspace's index; the sources are not touched."""

from typing import Any

from codanna_lsp.cli import exit_codes
from codanna_lsp.cli.beside import let_holder_run
from codanna_lsp.cli.options import (
    FolderArgument,
    JsonOption,
    SettingOption,
    settings_from,
    workspace_around,
)
from codanna_lsp.cli.terminal import (
    data_console,
    plain,
    print_json,
    print_remark,
    sized,
)
from codanna_lsp.errors import LockedError
from codanna_lsp.store.disk import RealDisk, check_folder
from codanna_lsp.store.holding.folder import folder_of, remove_index_folder
from codanna_lsp.store.holding.lock import take_lock
from codanna_lsp.store.store_status import bytes_on_disk


def clean(
    path: FolderArgument = None,
    *,
    setting: SettingOption = None,
    as_json: JsonOption = False,
) -> int:
    """Remove a workspace's index; the sources are not touched."""
    settings = settings_from(setting)
    root = workspace_around(path, settings)
    folder = folder_of(root, settings)
    said: dict[str, Any] = {"root": str(root), "folder": str(folder), "bytes": 0}
    if not folder.is_dir():
        if as_json:
            print_json(said)
        else:
            print_remark(f"{root} has no index")
        return exit_codes.NOTHING
    check_folder(folder)
    try:
        lock = take_lock(folder)
    except LockedError:
        said["bytes"] = sum(bytes_on_disk(folder).values())
        code = let_holder_run(folder, "clean")
        if as_json and code == exit_codes.OK:
            print_json(said)
        return code
    try:
        said["bytes"] = sum(bytes_on_disk(folder).values())
        # The lock goes with its folder: whoever opened it meanwhile sees that it is
        # no longer the folder's (WriterLock.is_still_ours).
        remove_index_folder(RealDisk(), folder, root=root)
    finally:
        lock.release()
    if as_json:
        print_json(said)
    else:
        data_console().print(f"removed {sized(said['bytes'])} in {plain(folder)}")
    return exit_codes.OK
