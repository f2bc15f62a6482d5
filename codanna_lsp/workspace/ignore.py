"""Ignore rules: gitignore's patterns, compiled so that a name costs a set look-up.

A file of patterns becomes `Rules`: runs of patterns of the same sign, the last run
first. Inside a run the order means nothing, so plain names go into a set, `*.ext`
into one `endswith`, and only the rest into one regular expression.

Invariant: matching takes time linear in the name for one `*`, and never backtracks
    over several: every star but the last is an atomic group.
Invariant: bad patterns match nothing; no text raises.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

MAX_IGNORE_FILE_BYTES = 1_000_000
MAX_PATTERN_LENGTH = 1_000

_WILD = frozenset("*?[\\")
_CLASSES = {
    "alnum": r"a-zA-Z0-9",
    "alpha": r"a-zA-Z",
    "blank": r" \t",
    "cntrl": r"\x00-\x1f\x7f",
    "digit": r"0-9",
    "graph": r"\x21-\x7e",
    "lower": r"a-z",
    "print": r"\x20-\x7e",
    "punct": r"!-/:-@\[-`{-~",
    "space": r" \t\n\r\f\v",
    "upper": r"A-Z",
    "xdigit": r"0-9a-fA-F",
}

Matcher = Callable[[str], object]


@dataclass(slots=True)
class _Run:
    """Patterns that follow each other and have one sign, sorted by what they cost."""

    ignored: bool
    names: set[str] = field(default_factory=set[str])
    folder_names: set[str] = field(default_factory=set[str])
    suffixes: list[str] = field(default_factory=list[str])
    name_globs: list[str] = field(default_factory=list[str])
    folder_name_globs: list[str] = field(default_factory=list[str])
    path_globs: list[str] = field(default_factory=list[str])
    folder_path_globs: list[str] = field(default_factory=list[str])


@dataclass(frozen=True, slots=True)
class _Test:
    """One run, ready to be asked."""

    ignored: bool
    names: frozenset[str]
    folder_names: frozenset[str]
    suffixes: tuple[str, ...]
    name: Matcher | None
    folder_name: Matcher | None
    path: Matcher | None
    folder_path: Matcher | None


class Rules:
    """The patterns of one ignore file (or of one setting)."""

    __slots__ = ("_tests",)

    def __init__(self, tests: tuple[_Test, ...]) -> None:
        self._tests = tests

    def __bool__(self) -> bool:
        return bool(self._tests)

    def verdict(self, name: str, path: str, *, folder: bool) -> bool | None:
        """Whether an entry is ignored; None when no pattern speaks of it.

        `path` is relative to the folder that the patterns belong to, `name` is its
        last part. What lies inside an ignored folder is not asked for.
        """
        for test in self._tests:
            if (
                name in test.names
                or (test.suffixes and name.endswith(test.suffixes))
                or (test.name is not None and test.name(name))
                or (test.path is not None and test.path(path))
                or (folder and _folder_verdict(test, name, path))
            ):
                return test.ignored
        return None


def _folder_verdict(test: _Test, name: str, path: str) -> bool:
    return (
        name in test.folder_names
        or (test.folder_name is not None and bool(test.folder_name(name)))
        or (test.folder_path is not None and bool(test.folder_path(path)))
    )


def parse_rules(source: bytes) -> Rules:
    """The rules of an ignore file's bytes; gitignore(5) says what they mean."""
    text = source.decode("utf-8", "surrogateescape").removeprefix("\ufeff")
    runs: list[_Run] = []
    for line in text.split("\n"):
        pattern = _trimmed(line.removesuffix("\r"))
        if pattern and not pattern.startswith("#"):
            _add(runs, pattern)
    return Rules(tuple(_compiled(run) for run in reversed(runs)))


def _trimmed(line: str) -> str:
    """The line without trailing spaces, except one that a backslash keeps."""
    stripped = line.rstrip(" ")
    backslashes = len(stripped) - len(stripped.rstrip("\\"))
    if len(stripped) < len(line) and backslashes % 2:
        return stripped + " "
    return stripped


def _add(runs: list[_Run], pattern: str) -> None:
    ignored = not pattern.startswith("!")
    body = pattern.removeprefix("!")
    folder_only = body.endswith("/")
    body = body.removesuffix("/")
    if not body or len(body) > MAX_PATTERN_LENGTH:
        return
    if not runs or runs[-1].ignored != ignored:
        runs.append(_Run(ignored))
    run = runs[-1]
    if "/" in body:
        regex = _path_regex(body.removeprefix("/").replace("\\/", "/"))
        if regex is not None:
            (run.folder_path_globs if folder_only else run.path_globs).append(regex)
    elif _WILD.isdisjoint(body):
        (run.folder_names if folder_only else run.names).add(body)
    elif body[0] == "*" and _WILD.isdisjoint(body[1:]) and not folder_only:
        run.suffixes.append(body[1:])
    else:
        regex = _segment_regex(body)
        if regex is not None:
            (run.folder_name_globs if folder_only else run.name_globs).append(regex)


def _compiled(run: _Run) -> _Test:
    return _Test(
        run.ignored,
        frozenset(run.names),
        frozenset(run.folder_names),
        tuple(run.suffixes),
        _matcher(run.name_globs),
        _matcher(run.folder_name_globs),
        _matcher(run.path_globs),
        _matcher(run.folder_path_globs),
    )


def _matcher(regexes: list[str]) -> Matcher | None:
    if not regexes:
        return None
    return re.compile("|".join(f"(?:{one})" for one in regexes), re.DOTALL).fullmatch


def _path_regex(pattern: str) -> str | None:
    """A regex for a pattern with slashes; `**` stands for any number of folders."""
    segments = pattern.split("/")
    chunks: list[list[str]] = [[]]
    for number, segment in enumerate(segments):
        if segment == "**":
            if number == len(segments) - 1:
                chunks[-1].append(".+")
            elif number == 0 or segments[number - 1] != "**":
                chunks.append([])
            continue
        regex = _segment_regex(segment)
        if regex is None or not segment:
            return None
        chunks[-1].append(regex)
    head, *rest = ("/".join(chunk) for chunk in chunks)
    if not rest:
        return head
    # The earliest place of a chunk leaves the most for what follows it, so all but
    # the last are atomic.
    middle = "".join(rf"(?>(?:[^/]+/)*?{chunk}/)" for chunk in rest[:-1])
    start = f"{head}/" if head else ""
    return rf"{start}{middle}(?:[^/]+/)*{rest[-1]}"


def _segment_regex(segment: str) -> str | None:
    """A regex for one part of a path, or None when it can match nothing."""
    pieces = [""]
    offset = 0
    while offset < len(segment):
        char = segment[offset]
        offset += 1
        if char == "*":
            if len(pieces) == 1 or pieces[-1]:
                pieces.append("")
        elif char == "?":
            pieces[-1] += "[^/]"
        elif char == "[":
            found = _bracket_regex(segment, offset)
            if found is None:
                return None
            regex, offset = found
            pieces[-1] += regex
        elif char == "\\":
            if offset == len(segment):
                return None
            pieces[-1] += re.escape(segment[offset])
            offset += 1
        else:
            pieces[-1] += re.escape(char)
    if len(pieces) == 1:
        return pieces[0]
    head, *middle, last = pieces
    atoms = "".join(f"(?>[^/]*?{piece})" for piece in middle if piece)
    return f"{head}{atoms}[^/]*{last}"


def _bracket_regex(segment: str, offset: int) -> tuple[str, int] | None:
    """The set that begins after `[`, as a regex, and the offset behind its `]`."""
    negated = segment[offset : offset + 1] in ("!", "^")
    offset += negated
    parts: list[str] = []
    first = True
    while offset < len(segment):
        if segment[offset] == "]" and not first:
            body = "".join(parts)
            return (rf"[^/{body}]" if negated else rf"(?!/)[{body}]"), offset + 1
        first = False
        found = _bracket_item(segment, offset)
        if found is None:
            return None
        part, offset = found
        parts.append(part)
    return None


def _bracket_item(segment: str, offset: int) -> tuple[str, int] | None:
    """One class, range or character of a set."""
    if segment.startswith("[:", offset):
        stop = segment.find(":]", offset + 2)
        if stop > 0:
            named = _CLASSES.get(segment[offset + 2 : stop])
            return None if named is None else (named, stop + 2)
    low = _bracket_char(segment, offset)
    if low is None:
        return None
    char, offset = low
    if segment[offset : offset + 1] != "-" or segment[offset + 1 : offset + 2] in (
        "",
        "]",
    ):
        return re.escape(char), offset
    high = _bracket_char(segment, offset + 1)
    if high is None:
        return None
    top, offset = high
    if top < char:  # git has matched the lower end before it sees a range
        return re.escape(char), offset
    return f"{re.escape(char)}-{re.escape(top)}", offset


def _bracket_char(segment: str, offset: int) -> tuple[str, int] | None:
    if segment[offset] != "\\":
        return segment[offset], offset + 1
    if offset + 1 >= len(segment):
        return None
    return segment[offset + 1], offset + 2
