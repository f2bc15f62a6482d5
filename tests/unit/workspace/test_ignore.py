"""Ignore patterns mean what gitignore(5) says, and what git itself does."""

import random
import shutil
import subprocess
from pathlib import Path

import pytest

from codanna_lsp.workspace.ignore import Rules, parse_rules

_ATOMS = (
    *("a", "b", "*", "?", "**", "/", "/", "a*b", "[ab]", "[!a]", "[a-c]", "\\*", ".x"),
    *("*.x", "[]a]", "[^]b]", "[[:alpha:]]", "[b-a]", "\\a", "c ", "\\"),
)
_NAMES = ("a", "b", "ab", "aab", "acb", "a.x", "b.x", ".x", "c", "c ", "*", "]", "bb")


def is_ignored(rules: Rules, path: str, *, folder: bool = False) -> bool:
    """As a walk asks: an ignored folder decides for all that is in it."""
    parts = path.split("/")
    for count in range(1, len(parts)):
        above = "/".join(parts[:count])
        if rules.verdict(parts[count - 1], above, folder=True):
            return True
    return bool(rules.verdict(parts[-1], path, folder=folder))


def check_ignored(patterns: str, expected: str) -> None:
    """`expected`: a path a line, `-` before it where it is ignored; `/` ends folders."""
    rules = parse_rules(patterns.encode("utf-8", "surrogateescape"))
    lines = [line.split(" ", 1) for line in expected.strip("\n").split("\n")]
    found = [
        ["-", path]
        if is_ignored(rules, path.rstrip("/"), folder=path.endswith("/"))
        else ["+", path]
        for _, path in lines
    ]
    assert found == lines


def test_a_plain_name_at_any_depth() -> None:
    check_ignored("build\n", "- build\n- a/build\n- build/x.py\n+ builder\n+ rebuild")


def test_a_folder_only() -> None:
    check_ignored("out/\n", "+ out\n- out/\n- out/x\n- a/out/")


def test_a_suffix() -> None:
    check_ignored("*.pyc\n", "- a.pyc\n- d/a.pyc\n- .pyc\n+ a.py")


def test_a_slash_anchors_to_the_file_s_own_folder() -> None:
    check_ignored("/a.py\nd/b.py\n", "- a.py\n+ d/a.py\n- d/b.py\n+ e/d/b.py")


def test_a_star_does_not_cross_a_slash() -> None:
    check_ignored("a/*.py\n", "- a/x.py\n+ a/b/x.py")


def test_two_stars_cross_slashes() -> None:
    check_ignored(
        "**/x/y.py\na/**/z.py\nb/**\n",
        "- x/y.py\n- q/x/y.py\n- a/z.py\n- a/b/c/z.py\n+ b\n- b/c\n+ za/z.py",
    )


def test_the_last_pattern_wins() -> None:
    check_ignored("*.py\n!keep.py\n", "- a.py\n+ keep.py\n- d/a.py\n+ d/keep.py")
    check_ignored("!keep.py\n*.py\n", "- keep.py")


def test_nothing_comes_back_from_an_ignored_folder() -> None:
    check_ignored("d/\n!d/keep.py\n", "- d/keep.py")
    check_ignored("d/*\n!d/keep.py\n", "+ d/keep.py\n- d/other.py")


def test_comments_blanks_and_escapes() -> None:
    check_ignored(
        "# note\n\n\\#x\n\\!y\nz\\ \nt   \n",
        "+ # note\n- #x\n- !y\n- z \n+ z\n- t",
    )


def test_windows_line_ends_and_a_byte_order_mark() -> None:
    check_ignored("\ufeffa.py\r\nb.py\r\n", "- a.py\n- b.py\n+ c.py")


def test_sets_of_characters() -> None:
    check_ignored(
        "[a-c].py\n[!x]z\n[[:digit:]]w\n[]q]\n",
        "- b.py\n+ d.py\n- az\n+ xz\n- 4w\n+ fw\n- ]\n- q",
    )


def test_names_that_are_no_utf_8() -> None:
    check_ignored("caf\udce9.py\n", "- caf\udce9.py\n+ cafe.py")


def test_patterns_that_mean_nothing_match_nothing() -> None:
    check_ignored("[abc\nx\\\n//\n[[:nope:]]\n!\n/\n", "+ a\n+ x\n+ [abc\n+ x\\")


def test_stars_do_not_backtrack() -> None:
    rules = parse_rules(b"*a" * 60 + b"b\n" + b"**/a*/" * 40 + b"z\n")
    name = "a" * 250
    assert rules.verdict(name, "/".join([name] * 40), folder=False) is None


def test_no_patterns_are_no_rules() -> None:
    assert not parse_rules(b"# nothing\n\n")


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
def test_git_agrees_on_random_patterns(tmp_path: Path) -> None:
    chance = random.Random(20)
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    asked = [
        "/".join(chance.choice(_NAMES) for _ in range(chance.randint(1, 4)))
        for _ in range(300)
    ]
    for _ in range(60):
        patterns = "".join(
            chance.choice(("", "", "", "!"))
            + "".join(chance.choice(_ATOMS) for _ in range(chance.randint(1, 5)))
            + chance.choice(("\n", "\n", "/\n", " \n"))
            for _ in range(chance.randint(1, 3))
        )
        (tmp_path / ".gitignore").write_text(patterns)
        rules = parse_rules(patterns.encode())
        found = {path: is_ignored(rules, path) for path in asked}
        assert (patterns, found) == (patterns, _git_says(tmp_path, asked))


def _git_says(repository: Path, asked: list[str]) -> dict[str, bool]:
    answer = subprocess.run(
        ["git", "check-ignore", "--stdin", "-z", "-v", "-n", "--no-index"],
        cwd=repository,
        input="".join(f"{path}\0" for path in asked).encode(),
        capture_output=True,
        check=False,
    ).stdout.split(b"\0")
    rows = zip(answer[0::4], answer[2::4], answer[3::4], strict=False)
    return {
        path.decode(): bool(source) and not pattern.startswith(b"!")
        for source, pattern, path in rows
    }
