"""The README's tables are those of the code, and its commands are the ones that run."""

import json
import re
from dataclasses import fields

from codanna_lsp.cli import exit_codes
from codanna_lsp.settings import Settings
from tests.tidy.tree import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")


def table_under(heading: str) -> list[list[str]]:
    """The cells of the table whose first row begins with this heading."""
    start = README.index(f"| {heading} |")
    rows = README[start:].partition("\n\n")[0].splitlines()[2:]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]


def test_every_setting_is_in_the_table_with_its_default() -> None:
    told = {cells[0].strip("`"): cells[1].strip("`") for cells in table_under("key")}
    defaults = Settings()
    for field in fields(Settings):
        head, *rest = field.name.split("_")
        key = head + "".join(part.capitalize() for part in rest)
        value = getattr(defaults, field.name)
        assert told.pop(key) == json.dumps(value)
    assert told == {}


def test_the_exit_codes_are_those_of_the_commands() -> None:
    assert exit_codes.__doc__ is not None
    drawn = [row for row in exit_codes.__doc__.splitlines() if row.startswith("| ")]
    assert [" | ".join(cells) for cells in table_under("exit code")] == [
        row.strip("| ") for row in drawn[1:]
    ]
    told = {int(cells[0]) for cells in table_under("exit code")}
    named = {v for k, v in vars(exit_codes).items() if k.isupper() and k[0] != "_"}
    assert told == named


def test_exactly_two_commands_set_it_up() -> None:
    section = README.partition("## Try it")[2].partition("\n## ")[0]
    commands = re.findall(r"```sh\n(.*?)\n```", section, re.DOTALL)
    assert len(commands) == 2
    for command in commands:
        assert command.startswith("python3 -m venv .venv && .venv/bin/pip install ")
        assert "\n" not in command
