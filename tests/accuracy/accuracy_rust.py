"""The truth about Rust: what the compiler says of a folder that cargo builds.

Two of its outputs are read. Every declaration of a copy is marked as deprecated, each
with a number, and `cargo check` warns at each use: items, methods and fields. rustdoc's
source pages link names to lines: locals, modules and macros.

Invariant: the folder itself is never written to.
"""

import html
import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, NamedTuple

import tree_sitter
import tree_sitter_rust

from tests.accuracy.accuracy_oracle import Place, Truth
from tests.accuracy.accuracy_sample import Position

_MARKED = frozenset(
    "function_item function_signature_item struct_item union_item enum_item"
    " enum_variant field_declaration const_item static_item type_item associated_type"
    " trait_item macro_definition".split()
)
_WORD = re.compile(r"(?:r#)?[^\W\d]\w*")
_KEYWORDS = frozenset("self Self super crate _".split())


class Marks(NamedTuple):
    """The declarations of a folder, by number, and where lines were lengthened.

    traits: of each declaration, the trait that holds it, or "".
    overrides: the functions of `impl`s, by the names of their trait and themselves.
    shifts: of a file's line, (column in the copy, length of what was put in).
    """

    places: list[Place]
    traits: list[str]
    overrides: dict[tuple[str, str], list[Place]]
    shifts: dict[tuple[str, int], list[tuple[int, int]]]


def rust_truths(
    root: Path, sources: Mapping[str, bytes], work: Path, build: Iterable[str]
) -> list[Truth]:
    """Every use that the compiler knows whose definition lies in the folder.

    build: what is handed to cargo behind `check` and `doc`.
    """
    found: dict[tuple[str, int, int], Truth] = {}
    texts = {
        path: source.decode("utf-8", "replace").split("\n")
        for path, source in sources.items()
        if path.endswith(".rs")
    }
    arguments = list(build)
    for truth in _from_pages(root, texts, work / "doc", arguments):
        found[truth.position[:3]] = truth
    for truth in _from_warnings(root, texts, work, arguments):
        before = found.get(truth.position[:3], truth).targets
        rows = {place[:2] for place in truth.targets}
        others = tuple(place for place in before if place[:2] not in rows)
        found[truth.position[:3]] = Truth(truth.position, truth.targets + others)
    return sorted(found.values())


def _cargo(
    command: str, folder: Path, target: Path, build: list[str], **flags: str
) -> str:
    environment = {**os.environ, "RUSTC_BOOTSTRAP": "1", **flags}
    given = ["cargo", command, "--offline", "--target-dir", str(target), *build]
    done = subprocess.run(
        given, cwd=folder, env=environment, check=False, capture_output=True, text=True
    )
    if done.returncode:
        raise SystemExit(f"{' '.join(given)} failed:\n{done.stderr[-3000:]}")
    return done.stdout


# The warnings.


def _from_warnings(
    root: Path, texts: dict[str, list[str]], work: Path, build: list[str]
) -> Iterator[Truth]:
    copy = work / "marked"
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(root, copy, ignore=shutil.ignore_patterns("target", ".git"))
    marks = Marks([], [], {}, {})
    for path in texts:
        (copy / path).write_bytes(_marked(path, (root / path).read_bytes(), marks))
    output = _cargo(
        "check",
        copy,
        work / "check",
        ["--message-format=json", *build],
        RUSTFLAGS="--cap-lints warn --force-warn deprecated",
    )
    for line in output.splitlines():
        message: dict[str, Any] = json.loads(line).get("message") or {}
        text: str = message.get("message", "")
        number = text.rpartition(": mark ")[2]
        if not text.startswith("use of deprecated") or not number.isdigit():
            continue
        place = marks.places[int(number)]
        name = texts[place.path][place.line][place.column : place.end_column]
        for span in message["spans"]:
            position = _use(copy, span, name, texts, marks)
            if position is not None and not place.holds(*position[:3]):
                trait = marks.traits[int(number)]
                others = marks.overrides.get((trait, name), ()) if trait else ()
                yield Truth(position, (place, *others))


def _marked(path: str, source: bytes, marks: Marks) -> bytes:
    language = tree_sitter.Language(tree_sitter_rust.language())
    tree = tree_sitter.Parser(language).parse(source)
    inserts: list[tuple[int, str, int, int]] = []
    pending: list[tuple[tree_sitter.Node, str, bool]] = [(tree.root_node, "", False)]
    while pending:
        node, trait, in_impl = pending.pop()
        name = node.child_by_field_name("name")
        if node.type in _MARKED and name is not None and not _has_mark(node):
            place = _place_of(path, source, name)
            if in_impl:
                key = trait, (name.text or b"").decode()
                marks.overrides.setdefault(key, []).append(place)
            else:
                text = f'#[deprecated(note = "mark {len(marks.places)}")] '
                row, column = node.start_point
                inserts.append((node.start_byte, text, row, column))
                marks.places.append(place)
                marks.traits.append(trait)
        if node.type == "function_item":
            trait, in_impl = "", False
        elif node.type in ("impl_item", "trait_item"):
            of = node.child_by_field_name("trait")
            in_impl = of is not None
            of = of or (name if node.type == "trait_item" else None)
            trait = _last_word(of.text or b"") if of is not None else ""
        pending += [(child, trait, in_impl) for child in node.named_children]
    return _with_inserts(path, source, sorted(inserts), marks)


def _place_of(path: str, source: bytes, name: tree_sitter.Node) -> Place:
    row, column = name.start_point
    start = len(source.split(b"\n")[row][:column].decode("utf-8", "replace"))
    return Place(path, row, start, start + len((name.text or b"").decode()))


def _last_word(written: bytes) -> str:
    """The name of a trait as an `impl` writes it: `fmt::Display`, `From<T>`."""
    return written.decode().partition("<")[0].rpartition("::")[2].strip()


def _with_inserts(
    path: str, source: bytes, inserts: list[tuple[int, str, int, int]], marks: Marks
) -> bytes:
    parts: list[bytes] = []
    last = 0
    added: dict[int, int] = {}
    for offset, text, row, column in inserts:
        parts += [source[last:offset], text.encode()]
        last = offset
        shift = added.get(row, 0)
        marks.shifts.setdefault((path, row), []).append((column + shift, len(text)))
        added[row] = shift + len(text)
    return b"".join((*parts, source[last:]))


def _has_mark(node: tree_sitter.Node) -> bool:
    """Whether the source deprecates it itself."""
    before = node.prev_named_sibling
    while before is not None and before.type in ("attribute_item", "line_comment"):
        if b"deprecated" in (before.text or b""):
            return True
        before = before.prev_named_sibling
    return False


def _use(
    copy: Path,
    span: Mapping[str, Any],
    name: str,
    texts: dict[str, list[str]],
    marks: Marks,
) -> Position | None:
    path = _below(copy, span["file_name"])
    if not span["is_primary"] or path not in texts:
        return None
    first = int(span["line_start"]) - 1
    last = int(span["line_end"]) - 1
    start = _column(marks, path, first, int(span["column_start"]) - 1)
    stop = _column(marks, path, last, int(span["column_end"]) - 1)
    if last >= len(texts[path]):
        return None
    head = texts[path][first][start:]
    word = re.escape(name)
    if re.match(rf"{word}\b\s*(?::(?!:)|,|}}|$)", head) and first == last:
        return Position(path, first, start, name)  # of a literal or a pattern
    line = texts[path][last]
    for one in reversed(list(re.finditer(rf"\b{word}\b", line[:stop]))):
        if last > first or one.start() >= start:
            return Position(path, last, one.start(), name)
    return None


def _column(marks: Marks, path: str, line: int, column: int) -> int:
    shifts = marks.shifts.get((path, line), ())
    return column - sum(length for at, length in shifts if at < column)


def _below(root: Path, name: str) -> str:
    path = Path(os.path.normpath(root / name))
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else ""


# The pages.


class _Page(HTMLParser):
    """The links of a source page: (line, column, text, where it leads)."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[tuple[int, int, str, str]] = []
        self.line, self.column = 0, 0
        self.inside = False
        self.is_number = False
        self.link = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "pre" and given.get("class") == "rust":
            self.inside = True
        elif tag == "a":
            self.is_number = "data-nosnippet" in given
            self.link = "" if given.get("class") == "self" else given.get("href") or ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "a":
            self.is_number = False
            self.link = ""
        elif tag == "pre":
            self.inside = False

    def handle_data(self, data: str) -> None:
        if not self.inside:
            return
        if self.is_number:
            return
        if self.link and "\n" not in data:
            self.links.append((self.line, self.column, data, self.link))
        breaks = data.count("\n")
        self.line += breaks
        self.column = len(data.rpartition("\n")[2]) + (0 if breaks else self.column)


def _from_pages(
    root: Path, texts: dict[str, list[str]], target: Path, build: list[str]
) -> Iterator[Truth]:
    flags = "-Zunstable-options --generate-link-to-definition --document-private-items --cap-lints allow"
    doc = target / "doc"
    shutil.rmtree(doc, ignore_errors=True)
    _cargo("doc", root, target, ["--no-deps", *build], RUSTDOCFLAGS=flags)
    pages: dict[Path, str] = {}
    for page in sorted((doc / "src").rglob("*.rs.html")):
        path = _source_of(page, doc / "src", texts)
        if path:
            pages[page] = path
    for page, path in pages.items():
        reader = _Page()
        reader.feed(page.read_text())
        for line, column, text, link in reader.links:
            truth = _linked(page, path, (line, column, text, link), pages, texts)
            if truth is not None and truth.targets:
                yield truth


def _source_of(page: Path, above: Path, texts: dict[str, list[str]]) -> str:
    """The file that a page shows: of those that end so, the one with this text."""
    below = page.relative_to(above).as_posix().removesuffix(".html")
    ending = below.partition("/")[2]
    fit = [path for path in texts if f"/{path}".endswith(f"/{ending}")]
    shown = re.sub(r"<a href=#\d+[^>]*>\d+</a>", "", page.read_text())
    shown = shown.partition('<pre class="rust">')[2].partition("</pre>")[0]
    plain = _squeezed(re.sub(r"<[^>]*>", "", shown))
    plain = html.unescape(plain)
    return next(
        (path for path in fit if _squeezed("\n".join(texts[path])) == plain), ""
    )


def _squeezed(text: str) -> str:
    return re.sub(r"\s+", "", text)


def _linked(
    page: Path,
    path: str,
    link: tuple[int, int, str, str],
    pages: Mapping[Path, str],
    texts: dict[str, list[str]],
) -> Truth | None:
    line, column, text, leads = link
    to, hashed, lines = leads.partition("#")
    words = list(_WORD.finditer(text))
    if not words or not re.fullmatch(r"\d+(-\d+)?", lines):
        return None
    name = words[-1][0]
    column += words[-1].start()
    there = Path(os.path.normpath(page.parent / to)) if to else page
    aim = pages.get(there, "")
    if not aim or not hashed or name in _KEYWORDS:
        return None
    first, _, last = lines.partition("-")
    is_module = re.compile(rf"\s*(pub(\(.*\))?\s+)?mod {re.escape(name)};")
    if is_module.match(texts[path][line]):
        return Truth(Position(path, line, column, name), (Place(aim, 0, 0, 1),))
    if is_module.match(texts[aim][int(first) - 1]):
        return Truth(Position(path, line, column, name), _files_of(aim, name, texts))
    if first == "1" and int(last or first) >= len(texts[aim]) - 1:  # a file's module
        return Truth(Position(path, line, column, name), (Place(aim, 0, 0, 1),))
    row = _row_of(name, texts[aim], int(first) - 1, int(last or first) - 1)
    whole = texts[aim][row]
    places = tuple(
        Place(aim, row, one.start(), one.end())
        for one in re.finditer(rf"\b{re.escape(name)}\b", whole)
    ) or (Place(aim, row, 0, len(whole) + 1),)
    if any(place.holds(path, line, column) for place in places):
        return None
    return Truth(Position(path, line, column, name), places)


def _files_of(
    declaring: str, module: str, texts: dict[str, list[str]]
) -> tuple[Place, ...]:
    """The file of `mod name;`: what is shown of it, rather than that line."""
    folder, _, last = declaring.rpartition("/")
    stem = last.removesuffix(".rs")
    inner = "" if stem in ("mod", "lib", "main") else f"{stem}/"
    ends = (f"{inner}{module}.rs", f"{inner}{module}/mod.rs")
    paths = [f"{folder}/{end}" if folder else end for end in ends]
    return tuple(Place(path, 0, 0, 1) for path in paths if path in texts)


def _row_of(name: str, lines: list[str], first: int, last: int) -> int:
    """The first of these lines that has the name; else the first."""
    word = re.compile(rf"\b{re.escape(name)}\b")
    found = (row for row in range(first, last + 1) if word.search(lines[row]))
    return next(found, first)
