"""Go to definition on broken text: an answer or none, never an error."""

import random
from collections import Counter
from pathlib import Path

import pytest

from codanna_lsp.extraction.syntax import SyntaxTree
from codanna_lsp.index.view import View
from codanna_lsp.queries.definition import (
    MAX_TARGETS,
    DefinitionQuestion,
    find_definition,
)
from tests.unit.queries.definition_fixture import (
    build_view,
    read_fixture,
    read_suite,
    read_tree,
)

HERE = Path(__file__).parent
SUITES = ("python", "javascript", "static")
NOISE = (
    "(",
    ")",
    "{",
    "}",
    "[",
    '"',
    "'",
    ":",
    "\n",
    "=",
    ".",
    "::",
    "class ",
    "import ",
)


def broken(text: str, chance: random.Random) -> str:
    """The text after a few random cuts, doublings and insertions."""
    for _ in range(chance.randrange(1, 4)):
        at = chance.randrange(len(text) + 1)
        stop = min(len(text), at + chance.randrange(1, 12))
        kind = chance.randrange(3)
        if kind == 0:
            text = text[:at] + text[stop:]
        elif kind == 1:
            text = text[:at] + text[at:stop] * 3 + text[stop:]
        else:
            text = text[:at] + chance.choice(NOISE) + text[at:]
    return text


@pytest.mark.parametrize("name", SUITES)
def test_broken_files_give_answers_inside_them_or_none(name: str) -> None:
    chance = random.Random(11)
    suite = read_suite(HERE / f"definition_{name}.md")
    for _, text in chance.sample(suite, k=min(len(suite), 40)):
        files = {
            path: broken(body, chance)
            for path, body in read_fixture(text).files.items()
        }
        view = build_view(files)
        for path, body in files.items():
            tree = read_tree(files, path)
            lines = body.split("\n")
            for _ in range(6 if tree is not None else 0):
                row = chance.randrange(len(lines) + 1)
                column = chance.randrange(40)
                assert tree is not None
                answer = find_definition(
                    view,
                    DefinitionQuestion(path, row, column),
                    tree,
                    read_tree=lambda other, files=files: read_tree(files, other),  # type: ignore[misc]
                )
                assert len(answer.targets) <= MAX_TARGETS
                assert all(target.path in files for target in answer.targets)


def test_a_file_that_the_index_does_not_know() -> None:
    files = {"a.py": "def make(): ...\nmake()\n"}
    tree = read_tree(files, "a.py")
    assert tree is not None
    question = DefinitionQuestion("a.py", 1, 1)
    answer = find_definition(build_view({}), question, tree)
    assert [target.span.start_line for target in answer.targets] == [0]


def test_without_other_trees_a_keyword_leads_to_what_is_called() -> None:
    files = {
        "a.py": "from b import make\nmake(size=1)\n",
        "b.py": "def make(size): ...\n",
    }
    tree = read_tree(files, "a.py")
    assert tree is not None
    question = DefinitionQuestion("a.py", 1, 6)
    answer = find_definition(build_view(files), question, tree)
    targets = [(target.path, target.span.start_column) for target in answer.targets]
    assert targets == [("b.py", 4)]


def test_names_of_a_hundred_wildcard_imports_are_found() -> None:
    files = {f"pkg/m{i}.py": f"def f{i}(): ...\n" for i in range(100)}
    stars = "".join(f"from .m{i} import *\n" for i in range(100))
    files |= {"pkg/__init__.py": stars, "a.py": "import pkg\npkg.f3()\npkg.f97()\n"}
    tree = read_tree(files, "a.py")
    assert tree is not None
    view = build_view(files)
    for row, wanted in ((1, "pkg/m3.py"), (2, "pkg/m97.py")):
        answer = find_definition(view, DefinitionQuestion("a.py", row, 5), tree)
        assert [target.path for target in answer.targets] == [wanted]


def test_a_receiver_that_all_methods_name_is_found_in_a_long_class() -> None:
    body = "".join(
        f"    def m{i}(self):\n        return self.m{i}\n" for i in range(900)
    )
    files = {"a.py": "class C:\n" + body}
    tree = read_tree(files, "a.py")
    assert tree is not None
    answer = find_definition(
        build_view(files), DefinitionQuestion("a.py", 1800, 16), tree
    )
    assert [target.span.start_line for target in answer.targets] == [1799]


def test_the_globs_of_a_crate_are_followed_once_for_all_names() -> None:
    """A method's question looks for each trait of a type in every module of a crate."""
    numbers = range(30)
    files = {f"src/m{number}.rs": "pub fn f() {}\n" for number in numbers}
    globs = "".join(f"mod m{n};\npub use m{n}::*;\n" for n in numbers)
    traits = "".join(f"impl Trait{number} for Own {{}}\n" for number in range(20))
    files["src/lib.rs"] = f"{globs}mod own;\n"
    files["src/own.rs"] = f"use crate::*;\nstruct Own;\n{traits}"
    files["src/own.rs"] += "fn ask(own: Own) { own.missing() }\n"
    plain = build_view(files)
    asked: Counter[str] = Counter()

    class Counting(View):
        def has_file(self, path: str) -> bool:
            asked[path] += 1
            return super().has_file(path)

    tree = read_tree(files, "src/own.rs")
    assert tree is not None
    line = files["src/own.rs"].count("\n") - 1
    question = DefinitionQuestion("src/own.rs", line, 24)
    find_definition(Counting(plain.data), question, tree)
    assert len(asked) > len(numbers), "the modules were looked for"
    assert max(asked[f"src/m{number}.rs"] for number in numbers) <= 2, asked
    assert asked["Cargo.toml"] < 3 * len(files), "a few times a file, not for each name"


def test_no_other_file_is_parsed_for_a_member_that_a_class_does_not_have() -> None:
    """A large header takes a second; only Python and JavaScript fill objects in code."""
    files = {
        "shape.h": "class Shape { public: int area(); };\n",
        "a.cc": '#include "shape.h"\nvoid f(Shape shape) { shape.missing(); }\n',
    }
    tree = read_tree(files, "a.cc")
    assert tree is not None
    parsed: list[str] = []

    def read(path: str) -> SyntaxTree | None:
        parsed.append(path)
        return read_tree(files, path)

    column = files["a.cc"].partition("\n")[2].index("missing")
    question = DefinitionQuestion("a.cc", 1, column)
    find_definition(build_view(files), question, tree, read_tree=read)
    assert parsed == []
