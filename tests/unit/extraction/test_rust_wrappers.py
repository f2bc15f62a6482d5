"""Rust's macros around items: odd texts stay what they are, and take no long time."""

from time import process_time

import pytest

from codanna_lsp.languages.rust.macros import blank_wrappers

ODD = {
    "open macros": b"cfg_a! {\n" * 20_000,
    "nested macros": b"cfg_a! {\nfn f() {\n" * 5_000 + b"}}" * 5_000,
    "open comments": b"cfg_a! { fn f() {} " + b"/* " * 50_000,
    "open raw strings": b"cfg_a! { fn f() {} " + b'r#"a ' * 50_000,
    "an open string": b'cfg_a! { fn f() { "' + b"x\\" * 50_000,
    "open attributes": b"cfg_a! {\n" + b"#[a[" * 50_000,
    "closing braces": b"cfg_a! { fn f() {} " + b"}" * 50_000,
}


@pytest.mark.parametrize("text", ODD.values(), ids=ODD)
def test_odd_text_keeps_its_length_and_takes_no_long_time(text: bytes) -> None:
    before = process_time()
    made = blank_wrappers(text, frozenset())
    assert process_time() - before < 2  # it grows with the text, not with its square
    assert len(made) == len(text)
    assert made.count(b"\n") == text.count(b"\n")


def test_text_without_such_macros_is_handed_back_as_it_is() -> None:
    text = b'fn f() { println!("{}", 1); }\nselect! { a = b => {} }\n'
    assert blank_wrappers(text, frozenset()) is text
