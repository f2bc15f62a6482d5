"""The server with a grammar that ends its process where a source says so."""

import os
import sys
from pathlib import Path

from codanna_lsp.__main__ import main
from codanna_lsp.extraction.syntax import SyntaxTree
from codanna_lsp.indexing import records
from codanna_lsp.indexing.own_parsing import OwnParsing
from codanna_lsp.languages.language import Language
from tests.unit.indexing.conftest import WORKERS
from tests.unit.indexing.workers.failing_worker import failing_facts

parse = SyntaxTree.parse


def failing_parse(source: bytes, language: Language) -> SyntaxTree:
    failing_facts(source, language)
    return parse(source, language)


if __name__ == "__main__":
    os.environ["PYTHONPATH"] = os.pathsep.join([str(WORKERS), str(Path.cwd())])
    setattr(records, "extract_facts", failing_facts)  # noqa: B010 - as in the worker
    setattr(SyntaxTree, "parse", staticmethod(failing_parse))  # noqa: B010
    defaults = OwnParsing.__init__.__kwdefaults__
    assert defaults is not None
    defaults["worker_module"] = "failing_worker"
    sys.exit(main())
