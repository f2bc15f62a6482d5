"""Go to definition in Rust: receivers, macros, modules that are handed on."""

from pathlib import Path

import pytest

from tests.unit.queries.definition_fixture import check_definition, read_suite

SUITE = read_suite(Path(__file__).with_name("definition_rust.md"))


@pytest.mark.parametrize(("_name", "text"), SUITE, ids=[name for name, _ in SUITE])
def test_definition_in_rust(_name: str, text: str) -> None:
    check_definition(text)
