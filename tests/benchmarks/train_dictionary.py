"""The dictionary of packed facts: `python -m tests.benchmarks.train_dictionary FOLDER`.

FOLDER holds packages in all languages, one a folder. Texts are taken from each language
in equal measure, so that one with many files does not fill the dictionary alone. The
result replaces `codanna_lsp/index/packed/facts.zdict`; with it goes a new version in
`codanna_lsp/index/codec.py` and a new format in `codanna_lsp/store/metadata.py`.
"""

import argparse
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import zstandard

from codanna_lsp.extraction.extract import extract_facts
from codanna_lsp.index.codec import plain_parts
from codanna_lsp.index.packed import compression
from tests.benchmarks.bench_extraction import gather

DICTIONARY_BYTES = 64_000
LANGUAGE_BYTES = 3_000_000  # of packed facts, before they are compressed
PACKAGE_BYTES = 1_500_000  # of source text of one language in one package
_SEED = 1


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    place = Path(compression.__file__).with_name("facts.zdict")
    samples = [sample for texts in by_language(given.folder) for sample in texts]
    random.Random(_SEED).shuffle(samples)
    print(f"{len(samples)} samples, {sum(map(len, samples)) / 1e6:.1f} MB")
    train: Any = zstandard.train_dictionary  # its stub wants a list of ByteString
    trained = train(DICTIONARY_BYTES, samples, level=compression.LEVEL)
    (given.out or place).write_bytes(trained.as_bytes())


def by_language(folder: Path) -> Iterator[list[bytes]]:
    """Outlines and rests of each language, not yet compressed."""
    found: dict[str, list[bytes]] = {}
    for package in sorted(folder.iterdir()):
        for language, texts in gather(str(package), PACKAGE_BYTES, "").items():
            for path, text in texts:
                both = plain_parts(extract_facts(text, language, path))
                found.setdefault(language.id, []).extend(both)
    for language_id, parts in sorted(found.items()):
        random.Random(_SEED).shuffle(parts)
        size, kept = 0, 0
        while kept < len(parts) and size < LANGUAGE_BYTES:
            size += len(parts[kept])
            kept += 1
        print(f"{language_id}: {kept} of {len(parts)} samples, {size / 1e6:.1f} MB")
        yield parts[:kept]


if __name__ == "__main__":
    main()
