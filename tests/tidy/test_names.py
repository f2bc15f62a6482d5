"""Names say what a thing is: no rooms for odds and ends, no unowned promises."""

import re

from tests.tidy.tree import PACKAGE, ROOT, files, python_files, shown

VAGUE = {"utils", "util", "helpers", "helper", "common", "manager", "base", "misc"}
TOP_LEVEL = {
    "LICENSE",
    "README.md",
    "codanna_lsp",
    "docs",
    "editors",
    "pyproject.toml",
    "tests",
}
SOURCES = {".py", ".scm", ".lua", ".el", ".ts", ".js", ".mjs", ".sh", ".toml", ""}
# Spelled in parts, so that this file does not find itself.
PROMISES = re.compile(r"\b(" + "|".join(["TO" + "DO", "FIX" + "ME", "X" * 3]) + r")\b")
ISSUE = re.compile(r"#\d+")


def test_no_vague_file_or_folder_names() -> None:
    vague = [
        shown(path)
        for path in files()
        if path.is_relative_to(PACKAGE) or path.suffix == ".py"
        for part in (*path.relative_to(ROOT).parts[:-1], path.stem)
        if part in VAGUE
    ]
    assert vague == []


def test_only_known_names_at_the_top() -> None:
    tops = {path.relative_to(ROOT).parts[0] for path in files()}
    assert sorted(t for t in tops - TOP_LEVEL if not t.startswith(".")) == []


def test_unfinished_places_name_their_issue() -> None:
    promises = [
        f"{shown(path)}:{number}: {line.strip()}"
        for path in files()
        if path.suffix in SOURCES
        for number, line in enumerate(
            path.read_text(encoding="utf-8", errors="replace").splitlines(), 1
        )
        if PROMISES.search(line) and not ISSUE.search(line)
    ]
    assert promises == []


def test_test_files_have_names_of_their_own() -> None:
    """Test folders are no packages: pytest needs each file name once."""
    seen: dict[str, str] = {}
    for path in python_files(under=ROOT / "tests"):
        if path.name.startswith("test_"):
            assert path.name not in seen, f"{shown(path)} and {seen[path.name]}"
            seen[path.name] = shown(path)
