"""SIGKILL of a real server over stdio, at random, while saves stream in.

A save is acknowledged once the server's answers show it and its status says that
nothing waits for the disk. After each kill recovery alone, before any source is
compared, must give every acknowledged save; nothing of the server may be left.
"""

import os
import random
import shutil
import sys
import threading
import time
from pathlib import Path
from typing import NamedTuple

from tests.faults.rot.harm import Verdict
from tests.faults.sourced_index import opened
from tests.faults.tally import Tally
from tests.lsp.raw_client import RawClient
from tests.lsp.workspaces import index_here, save, shown, symbols, wait_for_symbols

FILES = 6
GONE_WITHIN_S = 1.0
"""How soon after a SIGKILL stdout is closed and no child is left."""
GIVE_UP_S = 20.0
EXPECTED = {"ROLLED_FORWARD", "SAFE_START"}
"""What may be told after a kill; the second after three that came before READY."""
_SHORT_S, _LONG_S = 0.7, 3.5


class Life(NamedTuple):
    """How one server lives: when it is killed, and whether it saves all meanwhile."""

    kill_after_s: float
    before_initialize: bool
    repairs: bool


class Kills:
    """A workspace whose server is killed again and again."""

    def __init__(self, place: Path) -> None:
        self.root = place / "workspace"
        self.cache = place / "cache"
        self.environment = {"XDG_CACHE_HOME": str(self.cache)}
        self.written = [0] * FILES
        self.acknowledged = [0] * FILES
        self.saves = 0
        self.slowest_s = 0.0
        self.safe_starts = 0
        self.root.mkdir(parents=True)
        for number in range(FILES):
            self._write(number)
        index_here(self.root, self.environment)
        self.acknowledged = list(self.written)

    def live(self, life: Life, *, look: bool) -> Verdict:
        """One server from its start to its kill, and what that left.

        look: first wait until it answers from what the last one left.
        """
        with RawClient(environment=self.environment) as client:
            killer = threading.Timer(life.kill_after_s, client.process.kill)
            trouble = ""
            try:
                if life.before_initialize:
                    killer.start()
                options = {"jobs": 1, "watch": "off"}
                where = {"rootUri": self.root.as_uri()}
                client.initialize(**where, initializationOptions=options)
                if look:
                    trouble = self._look(client)
                if not life.before_initialize:
                    killer.start()
                if life.repairs:
                    client.ask(
                        "workspace/executeCommand", {"command": "codanna.repair"}
                    )
                while client.process.poll() is None:
                    self._save(client)
            except (AssertionError, BrokenPipeError):
                # The pipe breaks before the process can be waited for.
                if client.process.wait(GIVE_UP_S) != -9:
                    trouble = f"it ended with {client.process.returncode}"
            killer.join()
            trouble = trouble or self._is_gone(client)
        return self._recovered(trouble)

    def _look(self, client: RawClient) -> str:
        for number, version in enumerate(self.written):
            name = f"Saved{number}x{version}"
            wait_for_symbols(
                client, name, [f"file{number}.py:0:6-{6 + len(name)} {name}"]
            )
        told = shown(client)
        return f"the next server says {told}" if told else ""

    def _save(self, client: RawClient) -> None:
        number = self.saves % FILES
        version = self._write(number)
        save(client, self.root / f"file{number}.py")
        found = symbols(client, f"Saved{number}x{version}")
        status = client.request("codanna/status")
        waits = any(root["pendingFiles"] for root in status["roots"])
        mode = [root["mode"] for root in status["roots"]]
        if found and not waits and mode == ["writer"]:
            self.acknowledged[number] = version
        self.saves += 1

    def _write(self, number: int) -> int:
        self.written[number] += 1
        text = f"class Saved{number}x{self.written[number]}:\n    pass\n"
        # As editors do, or a server that looks just then finds an empty file.
        aside = self.root / "aside.tmp"
        aside.write_text(text, encoding="utf-8")
        aside.replace(self.root / f"file{number}.py")
        return self.written[number]

    def _is_gone(self, client: RawClient) -> str:
        """Wait until stdout has ended and no process of this server is left."""
        killed = time.monotonic()
        client._reader.join(GIVE_UP_S)
        if client._reader.is_alive():
            return "stdout stays open"
        marker = f"XDG_CACHE_HOME={self.cache}".encode()
        while left := processes_with(marker):
            if time.monotonic() - killed > GIVE_UP_S:
                return f"the processes {left} are left"
        self.slowest_s = max(self.slowest_s, time.monotonic() - killed)
        return ""

    def _recovered(self, trouble: str) -> Verdict:
        """What recovery alone makes of the folder as it was left."""
        folder = next(self.cache.glob("codanna-lsp/v*/*"))
        copy = self.cache.with_name("alone")
        shutil.copytree(folder, copy)
        with opened(self.root, copy) as one:
            view = one.store.view()
            missing = [
                number
                for number, version in enumerate(self.acknowledged)
                if _version(view.facts(f"file{number}.py"), number) < version
            ]
            self.safe_starts += "SAFE_START" in one.codes
            if not set(one.codes) <= EXPECTED:
                trouble = trouble or f"it told {one.codes}"
        shutil.rmtree(copy)
        if missing:
            trouble = f"files {missing} lack what was acknowledged; {trouble}"
        return Verdict(False, False, bool(missing), bool(trouble), False, trouble)


def run_kills(place: Path, kills: int, *, seed: int = 1) -> Tally:
    """Kill that many servers in a row."""
    chance = random.Random(seed)
    world = Kills(place)
    tally = Tally("live kills")
    for number in range(kills):
        longer = chance.random() < 0.15
        life = Life(
            kill_after_s=chance.uniform(0.0, _LONG_S if longer else _SHORT_S),
            before_initialize=chance.random() < 0.15,
            repairs=chance.random() < 0.4,
        )
        look = number % 10 == 0 and not life.before_initialize
        tally.add((number, life), world.live(life, look=look))
        if number % 25 == 24:
            print(tally, file=sys.stderr, flush=True)
    tally.notes = (
        f"({world.saves:,} saves, {world.safe_starts} safe starts, all processes gone"
        f" within {world.slowest_s:.2f} s)"
    )
    return tally


def processes_with(marker: bytes) -> list[int]:
    """The processes whose environment has an entry."""
    found: list[int] = []
    for name in [path.name for path in Path("/proc").iterdir()]:
        if name.isdigit() and int(name) != os.getpid():
            try:
                entries = Path(f"/proc/{name}/environ").read_bytes().split(b"\0")
            except OSError:
                continue
            if marker in entries and _state(name) != "Z":
                found.append(int(name))
    return found


def _state(process: str) -> str:
    try:
        text = Path(f"/proc/{process}/stat").read_text(encoding="utf-8")
    except OSError:
        return "Z"
    return text.rpartition(")")[2].split()[0]


def _version(facts: object, number: int) -> int:
    names = [symbol.name for symbol in getattr(facts, "symbols", ())]
    prefix = f"Saved{number}x"
    return max((int(n.removeprefix(prefix)) for n in names), default=0)
