"""Extraction against the pure parse: `python tests/benchmarks/bench_extraction.py PATH`.

Prints, for each language under PATH, CPU(parse and extract) / CPU(parse alone) as the
median of interleaved pairs; both read nothing, the texts are in memory.
"""

import argparse
import os
import statistics
import time
from collections.abc import Callable
from pathlib import Path

from codanna_lsp.extraction.extract import extract_facts
from codanna_lsp.extraction.grammar import load_grammar
from codanna_lsp.languages.language import Language
from codanna_lsp.languages.registry import language_of

_SKIPPED = {"site-packages", "node_modules", ".git", "__pycache__"}


def gather(
    root: str, limit_bytes: int, only: str
) -> dict[Language, list[tuple[str, bytes]]]:
    """Texts by language, at most `limit_bytes` of each."""
    found: dict[Language, list[tuple[str, bytes]]] = {}
    sizes: dict[Language, int] = {}
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(set(folders) - _SKIPPED)
        for name in sorted(names):
            place = Path(folder, name)
            path = str(place)
            if language_of(path) is None or not place.is_file():
                continue
            text = place.read_bytes()
            language = language_of(path, text)
            if language is None or not language.grammar:
                continue
            if only and language.id != only:
                continue
            if sizes.get(language, 0) + len(text) > limit_bytes:
                continue
            sizes[language] = sizes.get(language, 0) + len(text)
            relative = os.path.relpath(path, root)
            found.setdefault(language, []).append((relative, text))
    return found


def cpu_s(action: Callable[[], object]) -> float:
    before = time.process_time()
    action()
    return time.process_time() - before


def measure(language: Language, texts: list[tuple[str, bytes]], pairs: int) -> None:
    grammar = load_grammar(language)

    def parse_all() -> None:
        for _, text in texts:
            grammar.parser.parse(text)

    counts = [0, 0, 0]

    def extract_all() -> None:
        counts[:] = [0, 0, 0]
        for path, text in texts:
            facts = extract_facts(text, language, path)
            counts[0] += len(facts.symbols)
            counts[1] += len(facts.relations)
            counts[2] += len(facts.identifiers)

    parse_all()
    ratios: list[float] = []
    pure: list[float] = []
    for _ in range(pairs):
        pure.append(cpu_s(parse_all))
        ratios.append(cpu_s(extract_all) / pure[-1])
    size = sum(len(text) for _, text in texts)
    speed = size / 1e6 / statistics.median(pure)
    print(
        f"{language.id:12} {len(texts):6} files {size / 1e6:7.2f} MB"
        f"  parse {speed:5.1f} MB/s  ratio {statistics.median(ratios):.2f}"
        f" ({min(ratios):.2f}-{max(ratios):.2f})"
        f"  symbols {counts[0]} relations {counts[1]} identifiers {counts[2]}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("path")
    parser.add_argument("--megabytes", type=float, default=4.0)
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--language", default="", help="only this language's id")
    options = parser.parse_args()
    limit = int(options.megabytes * 1e6)
    for language, texts in gather(options.path, limit, options.language).items():
        measure(language, texts, options.pairs)


if __name__ == "__main__":
    main()
