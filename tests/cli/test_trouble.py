"""Expected trouble is a sentence, what to do, and an exit code; never a traceback."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Command


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        ("index nowhere", 3, "No such file or directory"),
        ("index shop/till.py", 3, "is a file"),
        ("index -s maxFiles=many", 3, "'maxFiles' must be a whole number"),
        ("index -s maxFile=3", 3, "unknown setting 'maxFile'"),
        ('index -s languagesOff=["klingon"]', 3, "known languages: c, cpp, go, java"),
        ('index -s languagesOff=["klingon"]', 3, "'languagesOff' names what is no"),
        ("index -s maxFiles", 3, "write KEY=VALUE"),
        ("index --jobs=-1", 2, "--jobs"),
        ("index --nonsense", 2, "--nonsense"),
        ("nonsense", 2, "nonsense"),
        ("search", 2, "QUERY"),
        ("status nowhere", 3, "No such file or directory"),
        ("demo nowhere", 3, "No such file or directory"),
    ],
)
def test_trouble_in_words(
    command: Command, words: str, code: int, sentence: str
) -> None:
    told = command(*words.split())
    assert told.code == code
    assert sentence in told.err
    assert "Traceback" not in told.err
    assert told.out == ""


def test_an_index_folder_that_cannot_be_made(command: Command, tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("in the way")
    told = command("index")
    assert told.code == 6
    assert "indexFolder" in told.err
    asked = command("search", "BasketView")
    assert asked.code == 0, "a question can do without"
    assert "kept in memory" in asked.err
    elsewhere = tmp_path / "elsewhere"
    assert command("index", "-s", f"indexFolder={elsewhere}").code == 0


@pytest.mark.parametrize(
    "words",
    [
        "index shop",
        "status shop",
        "verify shop",
        "repair shop",
        "clean shop",
        "demo shop",
        "search x --path shop",
        "definition --root shop shop/till.py:1:1",
    ],
)
def test_a_workspace_that_may_not_be_read(
    command: Command, monkeypatch: pytest.MonkeyPatch, words: str
) -> None:
    really = os.access

    def refusing(path: "str | os.PathLike[str]", mode: int) -> bool:
        return Path(path).name != "shop" and really(path, mode)

    monkeypatch.setattr(os, "access", refusing)
    told = command(*words.split())
    assert (told.code, told.out) == (3, "")
    assert "the workspace shop cannot be opened: Permission denied" in told.err


def test_a_file_in_no_known_language_makes_no_index(
    command: Command, workspace: Path, tmp_path: Path
) -> None:
    (workspace / "notes.txt").write_text("till\n")
    told = command("definition", "notes.txt:1:1")
    assert told.code == 2
    assert "notes.txt is in no language that is known here" in told.err
    assert not (tmp_path / "cache").exists()


@pytest.mark.parametrize("word", ["--help", "-h", "index --help", "serve --help"])
def test_help(command: Command, word: str) -> None:
    told = command(*word.split())
    assert told.code == 0
    assert "Usage" in told.out


def test_version(command: Command) -> None:
    assert command("--version").out.startswith("codanna-lsp ")


def run_piped(workspace: Path, *words: str, **environment: str) -> str:
    told = subprocess.run(
        [sys.executable, "-m", "codanna_lsp", *words],
        cwd=workspace,
        env={**os.environ, **environment},
        capture_output=True,
        check=True,
        timeout=120,
    )
    return told.stdout.decode("ascii")


def test_piped_lines_are_neither_coloured_nor_cut(
    command: Command, workspace: Path
) -> None:
    long = "a_name_that_is_longer_than_the_terminal_is_wide_" * 3
    (workspace / "long.py").write_text(f"def {long}(): ...\n")
    command("index")
    row = run_piped(workspace, "search", long, COLUMNS="30", TERM="dumb")
    assert row == f"long.py:1:5  function  {long}\n"


def test_no_color_is_honoured(command: Command, workspace: Path) -> None:
    command("index")
    words = ("search", "BasketView")
    asked = {"FORCE_COLOR": "1", "TERM": "xterm-256color"}
    assert "\x1b[36m" in run_piped(workspace, *words, **asked)
    assert "\x1b[36m" not in run_piped(workspace, *words, NO_COLOR="1", **asked)


def test_an_ascii_terminal_shows_every_name(command: Command, workspace: Path) -> None:
    command("index")
    row = run_piped(workspace, "search", "länge", PYTHONIOENCODING="ascii")
    assert row == "shop/till.py:6:1  variable  l\\xe4nge\n"


def test_a_reader_that_has_seen_enough(command: Command, workspace: Path) -> None:
    command("index")
    process = subprocess.Popen(
        [sys.executable, "-m", "codanna_lsp", "verify", "--no-sources", "--json"],
        cwd=workspace,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    errors = process.stderr.read().decode()
    process.stderr.close()
    process.wait(60)
    assert "Traceback" not in errors
