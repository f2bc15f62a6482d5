"""The way in: `codanna-lsp` serves an editor, `codanna-lsp COMMAND` works in a terminal.

Invariant: the arguments are looked at before anything is imported: a server never
loads the terminal libraries, a command never loads the server.
"""

import sys
from collections.abc import Sequence

# What language clients add of their own accord, and what says nothing new.
_IGNORED = ("--stdio", "--clientProcessId=", "--node-ipc-off")
_SERVING = ("--stdio", "--tcp", "--tcp=", "--allow-remote", "--clientProcessId=")
_MAX_PORT = 65_535
_USAGE = 2  # as in cli/exit_codes.py


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve, or run a command; the process's exit code (see `cli/exit_codes.py`)."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    if means_serving(given):
        return _serve(given)
    from codanna_lsp.cli.app import run

    return run(given)


def means_serving(given: list[str]) -> bool:
    """Whether these arguments are for a server, and not for a command."""
    if not given or given[0] == "serve":
        return "--help" not in given
    return any(
        word == known or (known.endswith("=") and word.startswith(known))
        for word in given[:1]
        for known in _SERVING
    )


def _serve(given: list[str]) -> int:
    try:
        address = read_address(given[1:] if given[:1] == ["serve"] else given)
    except ValueError as error:
        print(f"codanna-lsp: {error}", file=sys.stderr)
        return _USAGE
    if address is None:
        if sys.stdin is not None and sys.stdin.isatty():
            print(
                "codanna-lsp speaks the Language Server Protocol on standard input; an "
                "editor starts it like this.\nFor people: codanna-lsp --help",
                file=sys.stderr,
            )
        from codanna_lsp.server.app import serve_stdio

        return serve_stdio()
    from codanna_lsp.server.app import serve_tcp

    host, port = address
    try:
        return serve_tcp(host, port)
    except OSError as error:
        print(f"codanna-lsp: cannot listen on {host}:{port}: {error}", file=sys.stderr)
        return 1


def read_address(given: list[str]) -> tuple[str, int] | None:
    """Where to listen: host and port, or None for standard input and output.

    Raises:
        ValueError: with a sentence for the user.
    """
    text: str | None = None
    remote = False
    rest = iter(given)
    for word in rest:
        if word == "--allow-remote":
            remote = True
        elif word == "--tcp":
            text = next(rest, "")
        elif word.startswith("--tcp="):
            text = word.removeprefix("--tcp=")
        elif not word.startswith(_IGNORED):
            raise ValueError(f"unknown option {word!r} (see codanna-lsp --help)")
    if text is None:
        return None
    host, colon, digits = text.rpartition(":")
    host = host.strip("[]") or "127.0.0.1"
    if (
        not colon
        or not (digits.isascii() and digits.isdecimal())
        or int(digits) > _MAX_PORT
    ):
        raise ValueError(f"--tcp wants HOST:PORT, as in 127.0.0.1:2087, not {text!r}")
    if not remote and not _is_loopback(host):
        raise ValueError(
            f"{host} can be reached from other machines, and whoever connects reads "
            "this workspace; add --allow-remote if that is wanted"
        )
    return host, int(digits)


def _is_loopback(host: str) -> bool:
    from ipaddress import ip_address

    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


if __name__ == "__main__":
    sys.exit(main())
