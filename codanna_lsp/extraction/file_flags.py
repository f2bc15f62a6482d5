"""Flags that a whole file gives its symbols: tests, generated code, mere stubs."""

import re

from codanna_lsp.languages.language import Language
from codanna_lsp.model.symbol import SymbolFlag

_TEST_FOLDERS = frozenset(
    ("test", "tests", "testing", "__tests__", "spec", "specs", "testdata", "__mocks__")
)
_VENDORED_FOLDERS = frozenset(
    "vendor vendored _vendor third_party thirdparty external node_modules"
    " bower_components site-packages dist deps 3rdparty third-party".split()
)
_GENERATED_SUFFIXES = (
    *(".min.js", ".min.mjs", ".bundle.js", ".generated.ts", ".g.dart"),
    *("_pb2.py", "_pb2_grpc.py", ".pb.go", ".pb.h", ".pb.cc"),
)
_STUB_SUFFIX = ".pyi"  # Python's declarations of what another file defines
_MARK_BYTES = 1_024
_GENERATED_MARK = re.compile(
    rb"@generated\b|Code generated .{0,200}DO NOT EDIT"
    rb"|(?i:automatically generated|auto-?generated) .{0,100}do not (?:edit|modify)",
    re.DOTALL,
)


def file_flags(path: str, source: bytes, language: Language) -> int:
    """TEST, GENERATED and DECLARATION, as a file's path and first bytes tell them."""
    *folders, name = path.lower().split("/")
    flags = 0
    if (
        name.startswith(language.test_prefixes)
        or name.endswith(language.test_suffixes)
        or not _TEST_FOLDERS.isdisjoint(folders)
    ):
        flags |= SymbolFlag.TEST
    if (
        not _VENDORED_FOLDERS.isdisjoint(folders)
        or name.endswith(_GENERATED_SUFFIXES)
        or (
            b"generated" in source[:_MARK_BYTES].lower()  # the pattern is slow to fail
            and _GENERATED_MARK.search(source, 0, _MARK_BYTES) is not None
        )
    ):
        flags |= SymbolFlag.GENERATED
    if name.endswith(_STUB_SUFFIX):
        flags |= SymbolFlag.DECLARATION
    return int(flags)
