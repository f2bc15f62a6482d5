"""One mutant played to a server: in this process, or in a process of its own.

The client goes in step: behind each request that any reader must find, it waits for the
reply before it sends more. A third of the mutants come in one flood instead.
"""

import contextlib
import json
import os
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import unquote

from codanna_lsp.server.from_lsp import is_list, is_object
from codanna_lsp.settings import Settings
from codanna_lsp.store.holding.folder import folder_of
from codanna_lsp.store.incident import Incident
from codanna_lsp.store.index_store import IndexStore
from tests.lsp.in_process import InProcessClient
from tests.lsp.raw_client import PipeClient, RawClient
from tests.lsp.workspaces import SHAPES, index_here, write_files
from tests.mutants.mutate import mutated
from tests.mutants.oracle import Kind, Stream, Verdict, judge, read_stream
from tests.mutants.recorded import sessions

END_S = 5.0  # in which a process must have ended
REPLY_S = 30.0  # far beyond a loaded machine's slowest answer
FLOODS = 3  # one in so many


@dataclass(frozen=True, slots=True)
class Arena:
    """A workspace with its index on disk, which every mutant's server finds."""

    root: Path
    cache: Path

    @classmethod
    def make(cls, folder: Path) -> "Arena":
        arena = cls(write_files(folder / "workspace", SHAPES), folder / "cache")
        index_here(arena.root, arena.environment)
        return arena

    @property
    def environment(self) -> dict[str, str]:
        return {"XDG_CACHE_HOME": str(self.cache)}

    @property
    def settings(self) -> Settings:
        return Settings(index_folder=f"{self.cache}/codanna-lsp", jobs=1)

    def touch(self, number: int) -> None:
        """Change a source, so that a save has something to put into the journal."""
        text = f"{SHAPES['app.py']}\n\nclass Touched{number}: pass\n"
        (self.root / "app.py").write_text(text)


@dataclass(slots=True)
class Outcome:
    """What one mutant showed; `troubles` is empty where all was right."""

    number: int
    session: str
    verdict: Verdict = field(default_factory=Verdict)
    hangs: list[str] = field(default_factory=list[str])
    troubles: list[str] = field(default_factory=list[str])
    code: int | None = None

    @property
    def is_right(self) -> bool:
        verdict = self.verdict
        wrong = (verdict.missing, verdict.double, verdict.wrong)
        return not (any(wrong) or self.hangs or self.troubles)


def make_mutant(arena: Arena, seed: int, number: int) -> tuple[str, bytes]:
    """The session's name and the bytes of one mutant; the same for the same seed.

    None has the server index a folder of this machine that is not the arena's: such a
    one is made again.
    """
    found = sessions(arena.root)
    everything = [body for bodies in found.values() for body in bodies]
    name = sorted(found)[number % len(found)]
    attempt = 0
    while True:
        random = Random(f"{seed} {number} {attempt}")
        stream = mutated(found[name], everything, random)
        if all(_is_harmless(path, arena) for path in _roots(stream)):
            return name, stream
        attempt += 1


def _roots(data: bytes) -> Iterator[str]:
    """The folders that a server would be told to serve."""
    for message in read_stream(data).messages:
        waiting = [message.body] if message.body else []
        while waiting:
            value = waiting.pop()
            if is_object(value):
                for key, inner in value.items():
                    if key in {"uri", "rootUri", "rootPath"} and isinstance(inner, str):
                        yield unquote(inner).removeprefix("file:").split("#")[0]
                    waiting.append(inner)
            elif is_list(value):
                waiting.extend(value)


def _is_harmless(path: str, arena: Arena) -> bool:
    real = os.path.realpath("/" + path.lstrip("/").split("?")[0].split("\0")[0])
    inside = f"{real}/".startswith(f"{arena.root}/")
    if inside:
        return True
    try:
        return not Path(real).is_dir()
    except OSError:  # a name that is too long
        return True


def play_here(arena: Arena, seed: int, number: int) -> Outcome:
    """Play one mutant to a server in this process."""
    name, data = make_mutant(arena, seed, number)
    outcome = Outcome(number, name)
    arena.touch(number)
    with InProcessClient(arena.settings) as client:
        _send(client, data, outcome, is_flood=number % FLOODS == 0)
        started = time.monotonic()
        outcome.code = client.wait_for_exit(REPLY_S)
        outcome.troubles += client.troubles
    finish(arena, client, data, outcome, time.monotonic() - started)
    return outcome


def play_in_process(arena: Arena, seed: int, number: int) -> Outcome:
    """Play one mutant to a server process of its own."""
    name, data = make_mutant(arena, seed, number)
    outcome = Outcome(number, name)
    arena.touch(number)
    with RawClient(environment=arena.environment) as client:
        _send(client, data, outcome, is_flood=number % FLOODS == 0)
        started = time.monotonic()
        with contextlib.suppress(subprocess.TimeoutExpired):
            outcome.code = client.process.wait(REPLY_S)
    finish(arena, client, data, outcome, time.monotonic() - started)
    if outcome.code not in (None, 0, 1):
        outcome.troubles.append(f"the process died with {outcome.code}")
    return outcome


def _send(client: PipeClient, data: bytes, outcome: Outcome, *, is_flood: bool) -> None:
    """Send all of it, in step with the replies unless it comes as a flood."""
    stream = read_stream(data)
    at = 0
    try:
        for count, message in () if is_flood else _waited(stream):
            client.send_bytes(data[at : message.stop])
            at = message.stop
            if not client.has_replies(message.id, count, REPLY_S):
                if client.is_at_end:
                    break
                outcome.hangs.append(f"no reply to {message.method[:40]}")
                break
        client.send_bytes(data[at:])
        client.close_input()
    except BrokenPipeError:
        pass  # it has ended already, as it should behind a broken frame or an exit


def _waited(stream: Stream) -> Iterator[tuple[int, Any]]:
    """The requests to wait for: all up to an exit, with how often each id was asked."""
    seen: dict[tuple[type, Any], int] = {}
    for message in stream.messages:
        if message.kind is Kind.NOTIFICATION and message.method == "exit":
            return
        if message.kind in (Kind.LOOSE, Kind.MALFORMED):
            continue
        if message.kind is Kind.REQUEST:
            key = type(message.id), message.id
            seen[key] = seen.get(key, 0) + 1
            yield seen[key], message


def finish(
    arena: Arena, client: PipeClient, data: bytes, outcome: Outcome, took_s: float
) -> None:
    """Judge what came of these bytes, `took_s` before the end of it included."""
    client.read_rest()
    if outcome.code is None:
        outcome.hangs.append("the session did not end")
    elif took_s > END_S and not outcome.hangs:
        outcome.hangs.append(f"the session took {took_s:.1f} s to end")
    outcome.verdict = judge(read_stream(data), client.messages, outcome.code)
    outcome.troubles += _troubles_on_disk(arena, client.messages)


def _troubles_on_disk(arena: Arena, messages: list[Any]) -> list[str]:
    """What the next load finds: nothing to tell, and all that was said to be durable."""
    told: list[Incident] = []
    store = IndexStore.open(
        folder_of(arena.root, arena.settings), root=arena.root, on_incident=told.append
    )
    serial, mode = store.status().serial, store.mode
    store.close()
    troubles = [f"on disk: {incident}" for incident in told]
    if mode != "writer":
        troubles.append("the lock was not given back")
    acknowledged = max(_serials(messages, arena), default=0)
    if serial < acknowledged:
        troubles.append(f"{acknowledged} was acknowledged, {serial} is there")
    return troubles


def _serials(messages: list[Any], arena: Arena) -> Iterator[int]:
    for message in messages:
        result = message.get("result")
        if is_object(result):
            for root in result.get("roots", ()):
                if root.get("folder") == str(folder_of(arena.root, arena.settings)):
                    yield root["serial"]


def to_json(outcome: Outcome) -> str:
    """One line for whoever collects outcomes."""
    verdict = outcome.verdict
    return json.dumps(
        {
            "number": outcome.number,
            "session": outcome.session,
            "requests": verdict.requests,
            "missing": verdict.missing,
            "double": verdict.double,
            "wrong": verdict.wrong,
            "hangs": outcome.hangs,
            "troubles": outcome.troubles,
            "code": outcome.code,
        }
    )
