"""Starts a server and writes down every message between it and its editor.

    python traffic_tee.py RECORD PROGRAM [ARGUMENTS...]

RECORD gets one JSON object a line: {"session": ..., "from": "editor" or "server",
"message": ...}. The sessions of two windows may overlap in it: a number tells them apart.
"""

import json
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import IO


def pump(source: IO[bytes], sink: IO[bytes], record: IO[str], who: str) -> None:
    """Pass on message by message until the source ends."""
    while True:
        length, head = 0, b""
        while True:
            line = source.readline()
            head += line
            if not line.strip():
                break
            name, _, value = line.partition(b":")
            if name.strip().lower() == b"content-length":
                length = int(value)
        if not line:
            break
        body = source.read(length)
        entry = {"session": os.getpid(), "from": who, "message": json.loads(body)}
        record.write(json.dumps(entry) + "\n")
        sink.write(head + body)
        sink.flush()
    sink.close()


def main() -> int:
    """Run the server; its exit code."""
    with (
        Path(sys.argv[1]).open("a", buffering=1, encoding="utf-8") as record,
        subprocess.Popen(
            sys.argv[2:], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        ) as server,
    ):
        assert server.stdin is not None
        assert server.stdout is not None
        to_server = (sys.stdin.buffer, server.stdin, record, "editor")
        to_editor = (server.stdout, sys.stdout.buffer, record, "server")
        threading.Thread(target=pump, args=to_server, daemon=True).start()
        pump(*to_editor)
        return server.wait()


if __name__ == "__main__":
    sys.exit(main())
