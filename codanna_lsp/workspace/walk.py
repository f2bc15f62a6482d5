"""The walk: which files of a workspace are its sources, and which were left out and why.

Invariant: the same tree gives the same walk, whatever order the system lists it in;
    a real file is listed at its own path where the walk reaches it there.
"""

import os
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from codanna_lsp.errors import WorkspaceError
from codanna_lsp.settings import Settings
from codanna_lsp.workspace.layers import IGNORE_FILE_NAMES
from codanna_lsp.workspace.walker import (
    ENVIRONMENT_MARKS,
    Skipped,
    SourceFile,
    Walker,
    ignore_count,
    never,
)

MAX_SKIPPED = 10_000

# Files whose coming, going or changing can list or hide others.
_DECIDERS = IGNORE_FILE_NAMES | ENVIRONMENT_MARKS | {"", ".git"}
_EXCLUDE_FILE = ".git/info/exclude"


class Walk(NamedTuple):
    """What a workspace holds.

    files: sorted by path. skipped: sorted, at most MAX_SKIPPED.
    linked: a link was followed, so a change of one path can list or hide another.
    narrow: the root is not walked whole; `reason` is the sentence for the user.
    hidden: the sentence for the user where ignore files leave out every source, else "".
    """

    files: tuple[SourceFile, ...]
    skipped: tuple[Skipped, ...]
    linked: bool = False
    narrow: bool = False
    reason: str = ""
    hidden: str = ""


def walk(
    root: Path,
    settings: Settings,
    *,
    open_paths: Iterable[str] = (),
    cancelled: Callable[[], bool] = never,
    on_count: Callable[[int], None] = ignore_count,
    wide: str = "",
) -> Walk:
    """Every source file under `root`; only the open files' folders where that is wiser.

    on_count: is told, folder by folder, how many files were found so far.
    wide: why an earlier walk found the root too wide: it is not counted again.

    Raises:
        WorkspaceError: the root is missing, no folder, or cannot be listed.
        Cancelled: `cancelled` said yes between two folders.
    """
    real = _real_root(root)
    reason = wide or why_too_wide(real)
    if not reason:
        walker = Walker(real, settings, cancelled, on_count)
        if walker.tree(walker.top()) and walker.follow_links():
            hidden = "" if walker.files else _hidden(real, settings, cancelled)
            return _result(walker)._replace(hidden=hidden)
        reason = (
            f"{root} holds more than {settings.max_files} source files, so only open "
            'files and their folders are indexed; the setting "maxFiles" raises this'
        )
    walker = Walker(real, settings, cancelled)
    for folder in sorted({path.rpartition("/")[0] for path in open_paths}):
        entered = walker.find_folder(folder)
        if entered is not None:
            walker.one_folder(entered)
    return _result(walker)._replace(narrow=True, reason=reason)


def walk_paths(root: Path, settings: Settings, paths: Iterable[str]) -> Walk | None:
    """What a walk finds at and below these paths; None when only a whole walk can say.

    That is so when a link is among them: what it leads to may be listed elsewhere.

    Raises:
        WorkspaceError: as `walk`.
    """
    walker = Walker(_real_root(root), settings)
    for path in sorted(set(paths)):
        walker.path(path)
    return None if walker.met_link or walker.links else _result(walker)


def decides(paths: Iterable[str]) -> bool:
    """Whether one of these can list or hide files besides itself."""
    return any(
        path.rpartition("/")[2] in _DECIDERS or path.endswith(_EXCLUDE_FILE)
        for path in paths
    )


def list_folders(root: Path, settings: Settings) -> list[str]:
    """The real folders that a walk enters, absolute and sorted; of a wide root, itself.

    Raises:
        WorkspaceError: as `walk`.
    """
    real = _real_root(root)
    walker = Walker(real, settings)
    if why_too_wide(real) or not (walker.tree(walker.top()) and walker.follow_links()):
        return [str(real)]
    return sorted(f"{walker.root}/{folder}".rstrip("/") for folder in walker.folders)


def why_too_wide(real: Path) -> str:
    """Why a root of this real path is never walked whole, "" for any other."""
    import tempfile

    kinds = (
        ("the root of the file system", real.anchor),
        ("the home folder", os.path.expanduser("~")),  # noqa: PTH111 - it never raises
        ("the folder of temporary files", tempfile.gettempdir()),
    )
    for kind, place in kinds:
        if str(real) == os.path.realpath(place):
            return (
                f"{real} is {kind}, so only open files and their folders are indexed; "
                "open a project's own folder to index it whole"
            )
    return ""


def _hidden(root: Path, settings: Settings, cancelled: Callable[[], bool]) -> str:
    """What to say of a root without a source, if ignore files hide one."""
    if not settings.use_ignore_files:
        return ""
    open_settings = replace(settings, use_ignore_files=False)
    walker = Walker(root, open_settings, cancelled)
    walker.tree(walker.top(), most=1)
    if not walker.files:
        return ""
    return (
        f"{root} has sources ({walker.files[0].path} is one), but ignore files leave out "
        'all of them; the setting "useIgnoreFiles" (false) has them indexed all the same'
    )


def _result(walker: Walker) -> Walk:
    return Walk(
        tuple(sorted(set(walker.files))),
        tuple(sorted(set(walker.skipped))[:MAX_SKIPPED]),
        linked=walker.linked,
    )


def _real_root(root: Path) -> Path:
    try:
        real = root.resolve(strict=True)
        os.scandir(real).close()
    except (OSError, RuntimeError, ValueError) as error:
        cause = getattr(error, "strerror", None) or error
        raise WorkspaceError(
            f"the workspace {root} cannot be listed: {cause}",
            path=root,
            advice="open a folder that exists and that you may read",
        ) from error
    return real
