"""What starts a server, where it listens, and what is refused."""

import subprocess
import sys

import pytest

from codanna_lsp import __main__ as way_in


@pytest.mark.parametrize(
    ("arguments", "serves"),
    [
        ("", True),
        ("serve", True),
        ("--stdio", True),
        ("--clientProcessId=12", True),
        ("--tcp :2087", True),
        ("--tcp=:2087", True),
        ("--allow-remote --tcp 0.0.0.0:1", True),
        ("serve --help", False),
        ("index", False),
        ("--help", False),
        ("--version", False),
        ("search --tcp", False),
    ],
)
def test_what_means_serving(*, arguments: str, serves: bool) -> None:
    assert way_in.means_serving(arguments.split()) is serves


@pytest.mark.parametrize(
    ("arguments", "address"),
    [
        ("", None),
        ("--stdio --clientProcessId=12", None),
        ("--tcp 127.0.0.1:2087", ("127.0.0.1", 2087)),
        ("--tcp localhost:0", ("localhost", 0)),
        ("--tcp=:2087", ("127.0.0.1", 2087)),
        ("--tcp [::1]:2087", ("::1", 2087)),
        ("--tcp 0.0.0.0:2087 --allow-remote", ("0.0.0.0", 2087)),  # noqa: S104
    ],
)
def test_where_it_listens(arguments: str, address: tuple[str, int] | None) -> None:
    assert way_in.read_address(arguments.split()) == address


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        ("--tcp", "HOST:PORT"),
        ("--tcp 2087", "HOST:PORT"),
        ("--tcp localhost:", "HOST:PORT"),
        ("--tcp localhost:65536", "HOST:PORT"),
        ("--tcp localhost:²", "HOST:PORT"),
        ("--tcp 0.0.0.0:2087", "--allow-remote"),
        ("--tcp 127.0.0.1.example:1", "--allow-remote"),
        ("--tcp [::]:2087", "--allow-remote"),
        ("--stdio --verbose", "--verbose"),
    ],
)
def test_what_is_refused_in_words(arguments: str, word: str) -> None:
    with pytest.raises(ValueError, match=word):
        way_in.read_address(arguments.split())


def test_a_refused_address_is_a_usage_error() -> None:
    told = subprocess.run(
        [sys.executable, "-m", "codanna_lsp", "--tcp", "example.org:2087"],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert told.returncode == 2
    assert told.stdout == ""
    assert "--allow-remote" in told.stderr
    assert "Traceback" not in told.stderr
