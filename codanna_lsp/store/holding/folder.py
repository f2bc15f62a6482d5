"""Where an index lives: one folder a workspace and format, only ours.

Invariant: a folder in the workspace is used only if it was made here.
Invariant: two formats never share a folder, so an old server and a new one never fight.
"""

import os
import re
from pathlib import Path

import xxhash

from codanna_lsp.errors import DiskError
from codanna_lsp.settings import Settings
from codanna_lsp.store.disk import ASIDE_SUFFIX, Disk, replace_file
from codanna_lsp.store.holding.ownership import (
    OWNER_NAME,
    check_ours,
    is_inside,
    mark_as_ours,
)
from codanna_lsp.store.metadata import FORMAT

WORKSPACE_FOLDER = ".codanna"
_NAME_LIMIT = 40
_HASH_LENGTH = 24
_UNUSUAL = re.compile(r"[^A-Za-z0-9._-]+")


def folder_of(root: Path, settings: Settings) -> Path:
    """The index folder of a workspace, whether it exists or not.

    In the user's cache folder, or `settings.index_folder`; named after the workspace
    and a hash of its real path, so two workspaces of one name stay apart.
    """
    real = os.path.realpath(root)
    digest = xxhash.xxh3_128_hexdigest(real.encode("utf-8", "surrogateescape"))
    name = _UNUSUAL.sub("-", Path(real).name)[:_NAME_LIMIT].strip("-.") or "root"
    leaf = f"{name}-{digest[:_HASH_LENGTH]}"
    if settings.index_place == "workspace":
        return Path(real) / WORKSPACE_FOLDER / f"v{FORMAT}" / leaf
    return _parent(settings) / f"v{FORMAT}" / leaf


def make_index_folder(disk: Disk, folder: Path, *, root: Path) -> None:
    """Make the folder (0700) with what is missing above it, or check that it is ours.

    Raises:
        FolderError: it is a link, another user's or writable by others, or it lies in
            the workspace and was not made here (see store.ownership).
        DiskError: the operating system refused.
    """
    try:
        _make(disk, folder, root)
    except OSError as failure:
        raise DiskError(
            f"cannot make {folder}: {failure.strerror or failure}",
            path=folder,
            errno=failure.errno or 0,
            advice="choose another place with the setting indexFolder",
        ) from failure


def remove_index_folder(disk: Disk, folder: Path, *, root: Path) -> None:
    """Remove the folder; what was made around it in the workspace goes with the last.

    Raises:
        DiskError: the operating system refused.
    """
    disk.remove_tree(folder)
    home = root / WORKSPACE_FOLDER
    if not is_inside(folder, home):
        return
    if not disk.names(folder.parent):
        disk.remove_tree(folder.parent)
    if set(disk.names(home)) <= {".gitignore"}:
        disk.remove_tree(home)


def _make(disk: Disk, folder: Path, root: Path) -> None:
    missing = [level for level in folder.parents if not level.is_dir()]
    for level in reversed(missing):
        disk.make_folder(level)
    disk.make_folder(folder)
    if not is_inside(folder, root):
        return
    # An empty folder brings nothing along; a crash may have left one.
    if set(disk.names(folder)) <= {OWNER_NAME + ASIDE_SUFFIX}:
        _hide_from_git(disk, root)
        mark_as_ours(disk, folder)
    else:
        check_ours(disk, folder)


def _hide_from_git(disk: Disk, root: Path) -> None:
    home = root / WORKSPACE_FOLDER
    if home.is_dir() and not (home / ".gitignore").exists():
        replace_file(disk, home / ".gitignore", b"*\n")


def _parent(settings: Settings) -> Path:
    if settings.index_folder:
        return Path(settings.index_folder).expanduser().absolute()
    from platformdirs import user_cache_dir

    return Path(user_cache_dir("codanna-lsp", appauthor=False))
