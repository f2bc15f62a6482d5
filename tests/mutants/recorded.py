"""Recorded sessions: what real clients' capabilities and a script of requests sent.

One message a line, without its frame. The workspace is `/workspace` there, and takes
the place of this run's workspace when a session is read. `python -m
tests.mutants.record` writes them anew.
"""

import json
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent / "sessions"
WORKSPACE = "/workspace"


def frame(body: bytes) -> bytes:
    """A body in its frame."""
    return b"Content-Length: %d\r\n\r\n%b" % (len(body), body)


@cache
def sessions(root: Path) -> dict[str, tuple[bytes, ...]]:
    """The bodies of every recorded session by its name, as sent from this workspace."""
    return {
        path.stem: tuple(
            line.replace(WORKSPACE.encode(), str(root).encode())
            for line in path.read_bytes().splitlines()
        )
        for path in sorted(FOLDER.glob("*.jsonl"))
    }


def write_session(name: str, sent: list[bytes], root: Path) -> None:
    """Keep what a client sent."""
    lines = [
        json.dumps(json.loads(body)).replace(str(root), WORKSPACE) for body in sent
    ]
    FOLDER.mkdir(exist_ok=True)
    (FOLDER / f"{name}.jsonl").write_text("".join(f"{line}\n" for line in lines))
