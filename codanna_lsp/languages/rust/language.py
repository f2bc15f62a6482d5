"""Rust."""

from codanna_lsp.languages.language import Language

LANGUAGES = (
    Language(
        id="rust",
        name="Rust",
        extensions=(".rs",),
        lsp_ids=("rust",),
        family="rust",
        separator="::",
        grammar="tree_sitter_rust",
        queries=("rust/symbols.scm",),
        rules="codanna_lsp.languages.rust.rules",
        call_separators=("::", "."),
        keywords=frozenset(
            "as async await break const continue crate dyn else enum extern false fn for"
            " if impl in let loop match mod move mut pub ref return self Self static"
            " struct super trait true type unsafe use where while".split()
        ),
        blank="_",
        builtin_types=frozenset(
            "bool char f32 f64 i8 i16 i32 i64 i128 isize str u8 u16 u32 u64 u128"
            " usize".split()
        ),
        type_labels=r"\b\w+(?=:(?!:))|'\w+",
        test_suffixes=("_test.rs", "_tests.rs"),
    ),
)
