"""The package builds: a wheel with all that runs, a source archive with all that reads.

The wheel is installed into a bare environment and started by `.ci/run`; here it is
built without the network and looked into.
"""

import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

from tests.tidy.tree import PACKAGE, ROOT, files, shown


def build(kind: str, folder: Path) -> Path:
    told = subprocess.run(
        [
            *(sys.executable, "-m", "build", "--no-isolation"),
            *(f"--{kind}", "--outdir", str(folder), str(ROOT)),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 0, told.stdout + told.stderr
    (made,) = folder.iterdir()
    return made


def test_the_wheel_holds_every_file_of_the_package(tmp_path: Path) -> None:
    with zipfile.ZipFile(build("wheel", tmp_path)) as wheel:
        held = set(wheel.namelist())
        entry = next(n for n in held if n.endswith("entry_points.txt"))
        assert "codanna-lsp = codanna_lsp.__main__:main" in wheel.read(entry).decode()
    wanted = {shown(path) for path in files() if path.is_relative_to(PACKAGE)}
    assert sorted(wanted - held) == []
    assert not any(name.startswith("tests/") for name in held)


def test_the_source_archive_holds_the_tests(tmp_path: Path) -> None:
    with tarfile.open(build("sdist", tmp_path)) as archive:
        held = {name.partition("/")[2] for name in archive.getnames()}
    wanted = {shown(p) for p in files() if p.suffix == ".py"} | {"README.md", "LICENSE"}
    assert sorted(wanted - held) == []
