"""Where Java's imports lead: names of classes and packages to path suffixes.

Invariant: pure; nothing is looked up here, the index says which candidate exists.
"""


def class_file(name: str) -> tuple[str, str]:
    """The base name and the whole suffix of the file of a class ("a.b.C")."""
    package, _, plain = name.rpartition(".")
    folder = package.replace(".", "/")
    return f"{plain}.java", f"{folder}/{plain}.java" if folder else f"{plain}.java"


def package_folder(name: str) -> str:
    """The suffix of the folder of a package."""
    return name.replace(".", "/")


def is_in(path: str, suffix: str) -> bool:
    """Whether a path ends with a suffix, at a border between folders."""
    return path == suffix or path.endswith("/" + suffix)
