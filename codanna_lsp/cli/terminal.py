"""The terminal: data goes to standard output, everything else to standard error.

Invariant: what is printed for machines (`--json`, one result a line) is never wrapped,
coloured or cut when it is piped.
Invariant: no text can make printing fail: what the terminal's encoding lacks, or a
name's bytes that are no UTF-8, are shown escaped.
Invariant: a path or a name stays on its line and cannot steer the terminal.
"""

import json
import re
import sys
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.text import Text

# Control characters, what ends a line, and bytes of a path that are no UTF-8.
_UNSHOWN = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


def prepare_streams() -> None:
    """Make both streams print any text."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")


def data_console() -> Console:
    """Where answers go."""
    return Console(highlight=False, soft_wrap=True)


def talk_console() -> Console:
    """Where progress, remarks and errors go."""
    return Console(stderr=True, highlight=False, soft_wrap=True)


def print_json(value: Any) -> None:
    """One JSON value on one line, ASCII only: any terminal and any pipe takes it."""
    sys.stdout.write(json.dumps(value, sort_keys=False) + "\n")
    sys.stdout.flush()


def print_error(message: str, advice: str = "") -> None:
    """What went wrong, and on a line of its own what to do about it."""
    console = talk_console()
    console.print(Text.assemble(("codanna-lsp: ", "bold red"), one_line(message)))
    if advice:
        console.print(Text.assemble(("what to do: ", "bold"), one_line(advice)))


def print_remark(message: str) -> None:
    """Something worth knowing that is no error."""
    talk_console().print(Text(one_line(message), style="dim"))


def one_line(text: str) -> str:
    """Text with what would break its line, or steer the terminal, escaped."""
    return _UNSHOWN.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


def plain(text: object) -> str:
    """Text that rich prints as it is, on one line, with no markup in it."""
    return escape(one_line(str(text)))


def counted(number: int, one: str, many: str = "") -> str:
    """`1 file`, `12,345 files`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def sized(number: int) -> str:
    """Bytes as people read them: `512 B`, `3.4 MB`."""
    size = float(number)
    for unit in ("B", "kB", "MB", "GB"):
        if size < 1000 or unit == "GB":
            return f"{size:.0f} {unit}" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1000
    raise AssertionError
