"""Go to definition in typical TypeScript: a test a heading is a test."""

from pathlib import Path

import pytest

from tests.unit.queries.definition_fixture import check_definition, read_suite

SUITE = read_suite(Path(__file__).with_name("definition_typescript.md"))


@pytest.mark.parametrize(("_name", "text"), SUITE, ids=[name for name, _ in SUITE])
def test_definition_in_typescript(_name: str, text: str) -> None:
    check_definition(text)
