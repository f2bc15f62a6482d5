"""One walk under way: folders first, then the links that lead to what was not seen.

Invariant: no file is opened except ignore files; nothing outside the root is entered.
Invariant: a real folder and a real file are listed once.
"""

import errno
import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from codanna_lsp.languages.registry import language_of
from codanna_lsp.model.facts import Reason
from codanna_lsp.settings import Settings
from codanna_lsp.workspace.layers import (
    NEVER_ENTERED,
    SPECIAL_NAMES,
    Layers,
    layers_above,
)

MAX_FOLDER_DEPTH = 200

# A folder that holds one of these is an environment or a cache of some tool.
ENVIRONMENT_MARKS = frozenset({"pyvenv.cfg", "CACHEDIR.TAG"})

_NO_NAMES = frozenset({"", ".", ".."})
_GONE = (errno.ENOENT, errno.ENOTDIR)


class SourceFile(NamedTuple):
    """A file that a language claims; `path` is relative to the root, with "/".

    ctime_ns: when the file or what is known of it last changed; nobody can set it back.
    """

    path: str
    size: int
    mtime_ns: int
    ctime_ns: int = 0


class Skipped(NamedTuple):
    """What was left out though it looks like a source, and its Reason."""

    path: str
    reason: str


class Cancelled(Exception):  # noqa: N818 - an answer to a question, not an error
    """The caller's `cancelled` said yes."""


def never() -> bool:
    """For callers that do not cancel."""
    return False


def ignore_count(_count: int) -> None:
    """For callers that do not want to know how far a walk is."""


class Folder(NamedTuple):
    """A folder to list: `path` ends in "/" ("" is the root), `real` is where it lies.

    layers: the rules of the folder above.
    """

    path: str
    real: str
    layers: Layers
    depth: int


class _Link(NamedTuple):
    path: str
    layers: Layers
    depth: int


class Walker:
    """The state of one walk; `root` is a real path without a last slash.

    folders: the real folders that were listed, relative, with a last slash or "".
    linked: a link was followed to something that is listed. met_link: a single path is
    a link or lies below one, and was left out.
    """

    def __init__(
        self,
        root: Path,
        settings: Settings,
        cancelled: Callable[[], bool] = never,
        on_count: Callable[[int], None] = ignore_count,
    ) -> None:
        self.root = str(root).rstrip("/")
        self.files: list[SourceFile] = []
        self.skipped: list[Skipped] = []
        self.links: list[_Link] = []
        self.linked = False
        self.met_link = False
        self._layers = layers_above(root, settings)
        self._settings = settings
        self._cancelled = cancelled
        self._on_count = on_count
        self.folders: set[str] = set()
        self._off = frozenset(settings.languages_off)

    def top(self) -> Folder:
        """The root, to be walked."""
        return Folder("", "", self._layers, 0)

    def find_folder(self, path: str) -> Folder | None:
        """A folder ("" or "a/b") if a walk would enter it by no link, else None."""
        folder = self.top()
        for name in path.split("/") if path else ():
            if name in _NO_NAMES:
                return None
            inside = folder.path + name
            layers = self._layers_in(folder)
            try:
                found = os.lstat(f"{self.root}/{inside}")
            except (OSError, ValueError):
                return None
            self.met_link |= stat.S_ISLNK(found.st_mode)
            if (
                not stat.S_ISDIR(found.st_mode)
                or layers is None
                or not may_enter(layers, name, inside)
                or folder.depth >= MAX_FOLDER_DEPTH
            ):
                return None
            folder = Folder(f"{inside}/", f"{inside}/", layers, folder.depth + 1)
        return folder

    def _layers_in(self, folder: Folder) -> Layers | None:
        """The rules inside a folder, None in an environment that is not entered."""
        place = f"{self.root}/{folder.path}".rstrip("/")
        marks = SPECIAL_NAMES | ENVIRONMENT_MARKS
        names = {name for name in marks if os.path.lexists(f"{place}/{name}")}
        if folder.path and not ENVIRONMENT_MARKS.isdisjoint(names):
            return None
        return folder.layers.entered(folder.path, place, frozenset(names))

    def tree(self, folder: Folder, *, most: int | None = None) -> bool:
        """Walk a folder and all below; False when there are too many files.

        most: so many are enough; else it is the setting's limit.

        Raises:
            Cancelled: between two folders.
        """
        limit = self._settings.max_files if most is None else most - 1
        pending = [folder]
        while pending:
            if self._cancelled():
                raise Cancelled
            folder = pending.pop()
            if folder.real in self.folders:
                continue
            if folder.depth > MAX_FOLDER_DEPTH:
                self._skip(folder.path.rstrip("/"), Reason.TOO_DEEP)
                continue
            pending.extend(self.one_folder(folder))
            self._on_count(len(self.files))
            if len(self.files) > limit:
                return False
        return True

    def one_folder(self, folder: Folder) -> list[Folder]:
        """List one folder: keep its files, and return the folders in it to enter."""
        place = f"{self.root}/{folder.path}"
        try:
            with os.scandir(place) as listing:
                entries = {entry.name: entry for entry in listing}
        except OSError as error:
            if error.errno not in _GONE:
                self._skip(folder.path.rstrip("/"), Reason.UNREADABLE)
            return []
        if folder.path and not ENVIRONMENT_MARKS.isdisjoint(entries):
            return []
        self.folders.add(folder.real)
        special = SPECIAL_NAMES.intersection(entries)
        layers = folder.layers.entered(folder.path, place.rstrip("/"), special)
        below: list[Folder] = []
        for name, entry in entries.items():
            path = folder.path + name
            if entry.is_symlink():
                self.links.append(_Link(path, layers, folder.depth))
            elif entry.is_dir(follow_symlinks=False):
                if may_enter(layers, name, path):
                    real = f"{folder.real}{name}/"
                    below.append(Folder(f"{path}/", real, layers, folder.depth + 1))
            elif not entry.is_file(follow_symlinks=False) or self._is_claimed(path):
                self._entry(path, layers, entry)
        return below

    def _entry(self, path: str, layers: Layers, entry: "os.DirEntry[str]") -> None:
        if not layers.is_ignored(entry.name, path, folder=False):
            try:
                found = entry.stat(follow_symlinks=False)
            except OSError:
                return  # gone between the listing and now
            self._keep(path, found)

    def path(self, path: str) -> None:
        """Walk what is at a path, as the walk of the whole root would come to it."""
        above, _, name = path.rpartition("/")
        folder = self.find_folder(above)
        layers = folder and self._layers_in(folder)
        if folder is None or layers is None or name in _NO_NAMES:
            return
        try:
            found = os.lstat(f"{self.root}/{path}")
        except (OSError, ValueError):
            return
        if stat.S_ISLNK(found.st_mode):
            self.met_link = True
        elif stat.S_ISDIR(found.st_mode):
            if may_enter(layers, name, path):
                self.tree(Folder(f"{path}/", f"{path}/", layers, folder.depth + 1))
        elif (
            not stat.S_ISREG(found.st_mode) or self._is_claimed(path)
        ) and not layers.is_ignored(name, path, folder=False):
            self._keep(path, found)

    def _keep(self, path: str, found: os.stat_result) -> None:
        if not stat.S_ISREG(found.st_mode):
            self._skip(path, Reason.NOT_A_FILE)
        elif found.st_size > self._settings.max_file_size_bytes:
            self._skip(path, Reason.TOO_LARGE)
        else:
            size, mtime_ns, ctime_ns = (
                found.st_size,
                found.st_mtime_ns,
                found.st_ctime_ns,
            )
            self.files.append(SourceFile(path, size, mtime_ns, ctime_ns))

    def _is_claimed(self, path: str) -> bool:
        language = language_of(path)
        return language is not None and language.id not in self._off

    def _skip(self, path: str, reason: str) -> None:
        self.skipped.append(Skipped(path, reason))

    def follow_links(self) -> bool:
        """Follow the links found, and those that they lead to; False as `tree`."""
        seen_files = {file.path for file in self.files}
        while self.links:
            links, self.links = sorted(self.links), []
            for link in links:
                if not self._follow(link, seen_files):
                    return False
        return True

    def _follow(self, link: _Link, seen_files: set[str]) -> bool:
        name = link.path.rpartition("/")[2]
        try:
            target = os.path.realpath(f"{self.root}/{link.path}", strict=True)
            found = Path(target).stat()
        except (OSError, ValueError) as error:
            self._note_dead_link(link, name, error)
            return True
        is_folder = stat.S_ISDIR(found.st_mode)
        if stat.S_ISREG(found.st_mode) and not self._is_claimed(link.path):
            return True
        if link.layers.is_ignored(name, link.path, folder=is_folder):
            return True
        if target != self.root and not target.startswith(f"{self.root}/"):
            self._skip(link.path, Reason.OUTSIDE)
            return True
        real = target[len(self.root) + 1 :]
        if not NEVER_ENTERED.isdisjoint(real.split("/")):
            return True
        if is_folder:
            self.linked = True
            real = f"{real}/" if real else ""
            return self.tree(Folder(f"{link.path}/", real, link.layers, link.depth + 1))
        if real not in seen_files:
            self.linked = True
            seen_files.add(real)
            self._keep(link.path, found)
        return True

    def _note_dead_link(self, link: _Link, name: str, error: Exception) -> None:
        if self._is_claimed(link.path) and not link.layers.is_ignored(
            name, link.path, folder=False
        ):
            loops = isinstance(error, OSError) and error.errno == errno.ELOOP
            self._skip(link.path, Reason.LINK_LOOP if loops else Reason.DEAD_LINK)


def may_enter(layers: Layers, name: str, path: str) -> bool:
    """Whether a folder is entered; `layers` are those of the folder it lies in."""
    return name not in NEVER_ENTERED and not layers.is_ignored(name, path, folder=True)
