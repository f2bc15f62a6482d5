"""`verify --no-sources --json` after a crash: it names no damage and dumps the truth."""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from codanna_lsp.settings import Settings
from codanna_lsp.store.holding.folder import folder_of
from codanna_lsp.store.index_store import IndexStore
from tests.crash.experiments import CRASHES, Laboratory
from tests.crash.recorded import INDEX


def test_verify_dumps_what_a_start_recovers(lab: Laboratory, tmp_path: Path) -> None:
    """With the sources removed, so that nothing but the recovery can give it."""
    experiment = lab.states_of(CRASHES[0], cap=2)
    for number, state in enumerate(experiment.unique):
        place = tmp_path / f"state-{number}"
        place.mkdir()
        case = experiment.case(state, place, goes_on=False)
        if not case.serial:
            continue  # there may be no index yet
        root = tmp_path / f"empty-{number}"
        root.mkdir()
        folder = folder_of(root, Settings(index_folder=str(place / "indexes")))
        folder.parent.mkdir(parents=True, mode=0o700)
        shutil.copytree(place / INDEX, folder)
        said = verified(root, place / "indexes")
        assert not said["damaged"], said["parts"]
        assert said["recovered"]["serial"] >= case.serial
        assert said["recovered"]["incidents"] == []
        store = IndexStore.open(folder, root=root, inline=True)
        assert said["index"] == json.loads(json.dumps(store.data.dump()))
        assert store.status().serial == said["recovered"]["serial"]
        store.close()


def verified(root: Path, indexes: Path) -> Any:
    """What the command prints; it ends with 0."""
    done = subprocess.run(
        [
            *(sys.executable, "-m", "codanna_lsp", "verify", str(root)),
            *("--no-sources", "--json", "--setting", f"indexFolder={indexes}"),
        ],
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, (done.stdout, done.stderr)
    return json.loads(done.stdout)
