"""Go to definition in typical TypeScript: a test a heading is a test."""

from pathlib import Path
from time import process_time

import pytest

from codanna_lsp.queries.receivers.type_text import parse_type
from tests.unit.queries.definition_fixture import check_definition, read_suite

SUITE = read_suite(Path(__file__).with_name("definition_typescript.md"))


@pytest.mark.parametrize(("_name", "text"), SUITE, ids=[name for name, _ in SUITE])
def test_definition_in_typescript(_name: str, text: str) -> None:
    check_definition(text)


def test_a_type_of_comments_that_never_end_takes_no_time() -> None:
    started = process_time()
    parse_type("A " + "/* " * 50_000)
    assert process_time() - started < 1.0
