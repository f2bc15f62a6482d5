"""All benchmarks, one after the other: `python -m tests.benchmarks`.

The corpora are Python's standard library, a large wheel from PyPI and a C package of
Debian; the last two are fetched into a folder of their own, or found in `--corpora`
from an earlier run. What cannot be fetched is named and left out. Takes about half an
hour on two quiet cores; nothing else should run meanwhile.
"""

import argparse
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

HERE = Path(__file__).parent
WHEEL = "homeassistant==2024.3.3"
DEBIAN_SOURCE = "samba"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpora", type=Path, help="keep the corpora here")
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--only", choices=("corpora", "generated", "extraction"))
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        folder = options.corpora or Path(place)
        folder.mkdir(parents=True, exist_ok=True)
        if options.only != "generated":
            measure_corpora(folder, options.pairs, only=options.only)
    if options.only in (None, "generated"):
        heading("Symbol search inside the question, generated stores")
        run("-m", "tests.benchmarks.bench_symbol_search")
        heading("The server on generated stores")
        run("-m", "tests.benchmarks.bench_generated_stores")


def measure_corpora(folder: Path, pairs: int, *, only: str | None) -> None:
    """What is measured on each real corpus."""
    for title, name, root in corpora(folder):
        if only != "extraction":
            heading(f"Cold index: {title}")
            run(str(HERE / "bench_cold_index.py"), str(root), "--pairs", str(pairs))
            heading(f"Warm start, latencies, memory: {title}")
            run(
                *("-m", "tests.benchmarks.bench_warm_start", str(root)),
                *("--pairs", str(pairs), "--name", name),
            )
        heading(f"Extraction against the pure parse: {title}")
        run(str(HERE / "bench_extraction.py"), str(root))


def corpora(folder: Path) -> Iterator[tuple[str, str, Path]]:
    """(title, a name to be found, root) of each corpus that could be had."""
    yield "the standard library", "OrderedDict", fetched(folder / "stdlib", stdlib)
    for title, name, place, fetch in (
        (WHEEL, "HomeAssistant", folder / "wheel", wheel),
        (f"Debian source {DEBIAN_SOURCE}", "talloc_free", folder / "c", debian_source),
    ):
        try:
            yield title, name, fetched(place, fetch)
        except (OSError, subprocess.CalledProcessError) as error:
            print(f"\nleft out: {title} could not be fetched: {error}", flush=True)


def fetched(place: Path, fetch: Callable[[Path], None]) -> Path:
    """The corpus's folder, made by `fetch` unless an earlier run did."""
    if not place.exists():
        aside = place.with_name(place.name + ".part")
        shutil.rmtree(aside, ignore_errors=True)
        fetch(aside)
        aside.rename(place)
    return place


def stdlib(place: Path) -> None:
    skipped = shutil.ignore_patterns("site-packages", "__pycache__", "lib-dynload")
    library = sysconfig.get_paths()["stdlib"]
    shutil.copytree(library, place, ignore=skipped, ignore_dangling_symlinks=True)


def wheel(place: Path) -> None:
    place.mkdir()
    subprocess.run(
        [*(sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"), WHEEL],
        cwd=place,
        check=True,
    )
    for archive in place.glob("*.whl"):
        zipfile.ZipFile(archive).extractall(place)
        archive.unlink()


def debian_source(place: Path) -> None:
    """Unpacked without its patches; needs `deb-src` among apt's sources."""
    place.mkdir()
    subprocess.run(
        ["apt-get", "source", "--download-only", "-qq", DEBIAN_SOURCE],
        cwd=place,
        check=True,
    )
    for archive in place.glob("*.orig.tar.*"):
        if archive.suffix != ".asc":
            subprocess.run(["tar", "xf", archive.name], cwd=place, check=True)
            archive.unlink()


def heading(text: str) -> None:
    print(f"\n## {text}\n", flush=True)


def run(*command: str) -> None:
    """Run one benchmark; a failure ends everything, so that no figure is missed."""
    subprocess.run([sys.executable, *command], check=True)


if __name__ == "__main__":
    main()
