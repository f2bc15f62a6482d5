"""A recorder between an editor and its server: `recorder.py LOG -- SERVER ARGUMENTS...`.

Both streams pass unchanged. LOG gets one JSON line a message: {"from": "client" or
"server", "message": ...}. What is no frame is passed on too, as {"garbage": ...}.
The recorder ends when the server does, with its exit code.
"""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from typing import IO, Any


def frames(source: IO[bytes]) -> Any:
    """Raw frames with their bodies; a body is None for bytes that are no frame."""
    while True:
        head, length = b"", None
        while line := source.readline():
            head += line
            if line in (b"\r\n", b"\n"):
                break
            key, _, value = line.partition(b":")
            if key.strip().lower() == b"content-length" and value.strip().isdigit():
                length = int(value)
            elif not value:
                break
        if not head:
            return
        if length is None:
            yield head, None
            continue
        body = source.read(length)
        yield head + body, body


def pump(
    source: IO[bytes], sink: IO[bytes], who: str, write: Callable[[Any], None]
) -> None:
    try:
        for raw, body in frames(source):
            if body is None:
                write({"from": who, "garbage": raw.decode("utf-8", "replace")})
            else:
                write({"from": who, "message": json.loads(body)})
            sink.write(raw)
            sink.flush()
    except (OSError, ValueError) as error:
        write({"from": who, "broken": repr(error)})
    finally:
        try:
            sink.close()
        except OSError:
            sys.stderr.write("recorder: the other side has gone\n")


def main() -> int:
    log, _, *command = sys.argv[1:]
    lock = threading.Lock()
    record = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def write(entry: Any) -> None:
        with lock:
            os.write(record, json.dumps(entry).encode() + b"\n")

    server = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert server.stdin is not None
    assert server.stdout is not None
    write({"from": "recorder", "pid": server.pid})

    def end(number: int, frame: object) -> None:
        del number, frame
        server.terminate()

    signal.signal(signal.SIGTERM, end)
    threading.Thread(
        target=pump, args=(sys.stdin.buffer, server.stdin, "client", write), daemon=True
    ).start()
    pump(server.stdout, sys.stdout.buffer, "server", write)
    code = server.wait()
    write({"from": "recorder", "code": code})
    if code < 0:
        # SIGTERM has a handler of ours.
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        os.kill(os.getpid(), -code)
    # A thread still waits for the editor's next message and must not keep us.
    os._exit(code)


if __name__ == "__main__":
    sys.exit(main())
