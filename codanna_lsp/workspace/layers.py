"""Layers of ignore rules: which files of patterns speak in which folder, and in order.

The first layer that knows an entry decides: the user's setting, then `.ignore` files
from the nearest folder up, then `.gitignore` files likewise and the repository's
`info/exclude`, then the user's global excludes, then what is never source.

Invariant: git is not run, and a repository's own configuration is not read, because
    it can name programs and files outside.
"""

import os
import stat
from pathlib import Path
from typing import NamedTuple

from codanna_lsp.settings import Settings
from codanna_lsp.workspace.ignore import MAX_IGNORE_FILE_BYTES, Rules, parse_rules

IGNORE_FILE_NAMES = frozenset({".gitignore", ".ignore"})
MAX_PARENT_FOLDERS = 64

# What `Layers.entered` wants to know of a folder.
SPECIAL_NAMES = frozenset({".gitignore", ".ignore", ".git"})

# Folders that no ignore file can bring back. `docs/decisions/ignore-rules.md` tells
# why each is here; anything else is left to the project's own ignore files.
NEVER_ENTERED = frozenset({".git", ".hg", ".svn", ".bzr", ".jj", ".codanna"})

# The lowest layer: an ignore file or the setting `exclude` can say `!node_modules/`.
_BUILT_IN = b"""
node_modules/
bower_components/
__pycache__/
.venv/
.tox/
.nox/
.eggs/
.mypy_cache/
.ruff_cache/
.pytest_cache/
.hypothesis/
.gradle/
.terraform/
.next/
.nuxt/
.yarn/
CVS/
.#*
"""


class _Layer(NamedTuple):
    """Rules and where they stand: `path[cut:]` after `lead` is what they are asked."""

    rules: Rules
    lead: str
    cut: int


class Layers(NamedTuple):
    """All rules that speak in one folder, each group nearest first."""

    first: tuple[_Layer, ...]
    ignores: tuple[_Layer, ...]
    gitignores: tuple[_Layer, ...]
    last: tuple[_Layer, ...]
    use_files: bool

    def is_ignored(self, name: str, path: str, *, folder: bool) -> bool:
        """Whether the entry at `path` (relative to the root) is left out."""
        for group in (self.first, self.ignores, self.gitignores, self.last):
            for rules, lead, cut in group:
                verdict = rules.verdict(name, lead + path[cut:], folder=folder)
                if verdict is not None:
                    return verdict
        return False

    def entered(self, folder: str, place: str, names: frozenset[str]) -> "Layers":
        """The layers inside `folder` ("" or "a/b/") at `place` with these special names.

        `names`: which of `.gitignore`, `.ignore` and `.git` the folder holds.
        """
        if not names or not self.use_files:
            return self
        cut = len(folder)
        ignores, gitignores = self.ignores, self.gitignores
        if ".git" in names and folder:
            # Another repository: the outer one's .gitignore files end here.
            gitignores = _read_layer(f"{place}/.git/info/exclude", "", cut)
        if ".gitignore" in names:
            gitignores = _read_layer(f"{place}/.gitignore", "", cut) + gitignores
        if ".ignore" in names:
            ignores = _read_layer(f"{place}/.ignore", "", cut) + ignores
        return self._replace(ignores=ignores, gitignores=gitignores)


def layers_above(root: Path, settings: Settings) -> Layers:
    """The layers that hold before the root itself is entered."""
    exclude = parse_rules("\n".join(settings.exclude).encode("utf-8", "replace"))
    first = (_Layer(exclude, "", 0),) if exclude else ()
    last: tuple[_Layer, ...] = (_Layer(parse_rules(_BUILT_IN), "", 0),)
    if not settings.use_ignore_files:
        return Layers(first, (), (), last, use_files=False)
    ignores, gitignores = _parent_layers(str(root))
    last = _global_excludes() + last
    return Layers(first, ignores, gitignores, last, use_files=True)


def _parent_layers(root: str) -> tuple[tuple[_Layer, ...], tuple[_Layer, ...]]:
    """Rules of the folders above the root, up to the top of its repository."""
    ignores: tuple[_Layer, ...] = ()
    gitignores: tuple[_Layer, ...] = ()
    if os.path.lexists(f"{root}/.git"):
        return (), _read_layer(f"{root}/.git/info/exclude", "", 0)
    place, lead = root, ""
    for _ in range(MAX_PARENT_FOLDERS):
        place, name = os.path.split(place)
        if not name:
            return (), ()  # in no repository: folders above say nothing
        lead = f"{name}/{lead}"
        ignores += _read_layer(f"{place}/.ignore", lead, 0)
        gitignores += _read_layer(f"{place}/.gitignore", lead, 0)
        if os.path.lexists(f"{place}/.git"):
            gitignores += _read_layer(f"{place}/.git/info/exclude", lead, 0)
            return ignores, gitignores
    return (), ()


def _read_layer(place: str, lead: str, cut: int) -> tuple[_Layer, ...]:
    rules = parse_rules(_read_small(place))
    return (_Layer(rules, lead, cut),) if rules else ()


def _read_small(place: str) -> bytes:
    """A regular file's bytes, or b"" when it is none, a link, too large or unreadable."""
    try:
        descriptor = os.open(
            place, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
        )
    except (OSError, ValueError):
        return b""
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            return b""
        source = os.read(descriptor, MAX_IGNORE_FILE_BYTES + 1)
    except OSError:
        return b""
    finally:
        os.close(descriptor)
    return source if len(source) <= MAX_IGNORE_FILE_BYTES else b""


def _global_excludes() -> tuple[_Layer, ...]:
    """The user's own `core.excludesFile`, or git's default place for it."""
    home = os.path.expanduser("~")  # noqa: PTH111 - unlike Path's, it never raises
    config = os.environ.get("XDG_CONFIG_HOME") or f"{home}/.config"
    place = f"{config}/git/ignore"
    for file in (f"{config}/git/config", f"{home}/.gitconfig"):
        named = _excludes_file(_read_small(file).decode("utf-8", "surrogateescape"))
        if named:
            place = os.path.expanduser(named)  # noqa: PTH111 - likewise
    return _read_layer(place, "", 0) if place.startswith("/") else ()


def _excludes_file(text: str) -> str:
    """The value of `core.excludesFile` in a git config's text; includes are not read."""
    section, value = "", ""
    for line in map(str.strip, text.splitlines()):
        if line.startswith("["):
            section = line[1:].partition("]")[0].strip().lower()
        elif section == "core" and line.partition("=")[0].strip().lower() == (
            "excludesfile"
        ):
            value = line.partition("=")[2].strip().strip('"')
    return value
