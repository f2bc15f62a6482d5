"""Where imports of JavaScript and TypeScript lead: module texts to candidate paths.

Invariant: pure; nothing is looked up here, the index says which candidate exists.
"""

import posixpath
from collections.abc import Iterable, Iterator

from codanna_lsp.model.imports import Import

EXTENSIONS = (
    ".ts",
    ".tsx",
    ".mts",
    ".cts",
    ".d.ts",
    ".d.mts",
    ".d.cts",
    ".js",
    ".jsx",
    ".mjs",
    ".cjs",
)
# What may stand in the source for the ending that the import names.
_WRITTEN_FOR = {
    ".js": (".ts", ".tsx", ".d.ts", ".jsx"),
    ".jsx": (".tsx", ".d.ts"),
    ".mjs": (".mts", ".d.mts"),
    ".cjs": (".cts", ".d.cts"),
}
CONFIG_NAMES = ("tsconfig.json", "jsconfig.json")
_BUILT = frozenset({"dist", "lib", "build", "out", "es", "esm", "cjs", "types"})


def is_relative(module: str) -> bool:
    """Whether a module's text names a file from the importing file's folder."""
    return module in (".", "..") or module.startswith(("./", "../", "/"))


def relative_stem(module: str, importer: str) -> str | None:
    """The path that a relative module names; None when it leaves the root."""
    return joined(posixpath.dirname(importer), module.lstrip("/"))


def joined(folder: str, below: str) -> str | None:
    """A path below a folder, without "." and ".."; None outside the root."""
    path = posixpath.normpath(posixpath.join(folder, below))
    if path.startswith("../") or path == "..":
        return None
    return "" if path == "." else path


def files_of(stem: str) -> Iterator[str]:
    """The files that a path without its ending may be, the likeliest first."""
    for written, others in _WRITTEN_FOR.items():
        if stem.endswith(written):
            yield stem
            yield from (stem.removesuffix(written) + other for other in others)
            break
    else:
        if stem.endswith((*EXTENSIONS, ".json", ".vue", ".svelte")):
            yield stem
    if stem:
        yield from (stem + extension for extension in EXTENSIONS)
    folder = f"{stem}/" if stem else ""
    yield from (f"{folder}index{extension}" for extension in EXTENSIONS)


def folders_above(path: str) -> Iterator[str]:
    """The folder of a file and those around it, the root "" last."""
    folder = posixpath.dirname(path)
    while folder:
        yield folder
        folder = posixpath.dirname(folder)
    yield ""


def mapped_stems(module: str, rows: Iterable[Import], folder: str) -> Iterator[str]:
    """What `paths` and `baseUrl` of a configuration in a folder make of a module."""
    rows = list(rows)
    bases = [row.module for row in rows if row.original == "baseUrl"]
    base = joined(folder, bases[0]) if bases else folder
    patterns = [row for row in rows if row.original == "paths"]
    patterns.sort(key=lambda row: -len(row.name.partition("*")[0]))
    for row in patterns:
        rest = _matched(row.name, module)
        if rest is None:
            continue
        stem = joined(base or "", row.module.replace("*", rest, 1))
        if stem is not None:
            yield stem
    if bases and base is not None:
        stem = joined(base, module)
        if stem is not None:
            yield stem


def _matched(pattern: str, text: str) -> str | None:
    """What a pattern's one star stands for in a text; None where it does not fit."""
    before, star, after = pattern.partition("*")
    if not star:
        return "" if pattern == text else None
    fits = text.startswith(before) and text.endswith(after)
    if not fits or len(text) < len(before) + len(after):
        return None
    return text[len(before) : len(text) - len(after)]


def package_name(module: str) -> tuple[str, str]:
    """The package of a bare module and what it asks of it ("@a/b/c" asks "c")."""
    parts = module.split("/")
    length = 2 if module.startswith("@") else 1
    return "/".join(parts[:length]), "/".join(parts[length:])


def package_stems(asked: str, rows: Iterable[Import], folder: str) -> Iterator[str]:
    """Where a package in a folder keeps what is asked of it ("" is its main file)."""
    rows = list(rows)
    wanted = f"./{asked}" if asked else "."
    for target in _exported(wanted, rows):
        yield from _sources_of(folder, target)
    if not asked:
        for section in ("types", "typings", "source", "module", "main"):
            for row in rows:
                if row.original == section:
                    yield from _sources_of(folder, row.module)
    for place in ("", "src", "lib"):
        stem = joined(posixpath.join(folder, place), asked or ".")
        if stem is not None:
            yield stem


def own_import_stems(module: str, rows: Iterable[Import], folder: str) -> Iterator[str]:
    """Where a package's `imports` send one of its own `#` names."""
    for row in rows:
        rest = _matched(row.name, module) if row.original == "imports" else None
        if rest is not None:
            yield from _sources_of(folder, row.module.replace("*", rest))


def _exported(wanted: str, rows: Iterable[Import]) -> Iterator[str]:
    for row in rows:
        if row.original != "exports":
            continue
        rest = _matched(row.name or ".", wanted)
        if rest is not None:
            yield row.module.replace("*", rest)


def _sources_of(folder: str, target: str) -> Iterator[str]:
    """A target, and where the source of a built one may stand."""
    stem = joined(folder, target)
    if stem is None:
        return
    yield stem
    below = stem.removeprefix(folder).lstrip("/")
    head, _, rest = below.partition("/")
    while head in _BUILT and rest:
        plain = _without_ending(rest)
        for place in ("src", ""):
            source = joined(posixpath.join(folder, place), plain)
            if source is not None:
                yield source
        head, _, rest = rest.partition("/")


def _without_ending(path: str) -> str:
    for extension in sorted(EXTENSIONS, key=len, reverse=True):
        if path.endswith(extension):
            return path.removesuffix(extension)
    return path
