"""Where includes of C and C++ lead, and which files belong together.

Invariant: pure; nothing is looked up here, the index says which candidate exists.
"""

import posixpath

SOURCES = (".c", ".cc", ".cpp", ".cxx", ".m", ".mm", ".cu")
HEADERS = (".h", ".hh", ".hpp", ".hxx", ".inl", ".ipp", ".tpp")


def included(module: str, importer: str) -> tuple[str, str]:
    """The path beside the importing file, and the suffix to look for anywhere."""
    name = module.strip('<>"')
    beside = posixpath.normpath(posixpath.join(posixpath.dirname(importer), name))
    suffix = posixpath.normpath(name)
    while suffix.startswith("../"):
        suffix = suffix.removeprefix("../")
    return beside, suffix


def is_in(path: str, suffix: str) -> bool:
    """Whether a path ends with a suffix, at a border between folders."""
    return path == suffix or path.endswith("/" + suffix)


def partner_names(path: str) -> tuple[str, ...]:
    """The base names of a header's sources, or of a source's headers."""
    stem, extension = posixpath.splitext(posixpath.basename(path))
    others = HEADERS if extension in SOURCES else SOURCES
    return tuple(stem + other for other in others)
