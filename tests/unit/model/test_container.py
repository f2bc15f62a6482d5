"""The names around a symbol as one text: whole where it is short, never long."""

import pytest

from codanna_lsp.model.container import MAX_CONTAINER_CHARACTERS, join_container


@pytest.mark.parametrize(
    ("names", "mark", "text"),
    [
        ([], ".", ""),
        (["Outer"], ".", "Outer"),
        (["std", "io", "Read"], "::", "std::io::Read"),
        (list("abcdefgh"), ".", "a.b.c.d.e.f.g.h"),
        (list("abcdefghi"), ".", "a.b.….d.e.f.g.h.i"),
        ([f"C{number}" for number in range(3_500)], ".", "C0.C1.….C3494.C3495"),
        (["x" * 300], ".", "x" * 300),
        (["a" * 400, "Inner"], ".", "a" * 100 + "…" + "a" * 193 + ".Inner"),
    ],
)
def test_containers(names: list[str], mark: str, text: str) -> None:
    told = join_container(names, mark)
    assert told == text if len(names) < 100 else told.startswith(text)
    assert len(told) <= MAX_CONTAINER_CHARACTERS
