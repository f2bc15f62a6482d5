"""What a server writes is checked message by message; no editor is needed."""

import json
import shutil
import subprocess
from typing import Any

from tests.editors.finding import missing
from tests.editors.vscode.code_server import EXTENSION

LIMIT_S = 60
MESSAGE = "Content-Length: 4\r\n\r\n{  }Content-Type: x\r\nContent-Length: 2\r\n\r\n{}"

_CODE = """
import { Frames } from "./src/frames";

const verdict = (pieces) => {
  const frames = new Frames();
  for (const piece of pieces) {
    const wrong = frames.add(Buffer.from(piece, "latin1"));
    if (wrong !== undefined) return wrong;
  }
  return null;
};
const asked = JSON.parse(require("fs").readFileSync(0, "utf8"));
console.log(JSON.stringify(asked.map(verdict)));
"""


def verdicts(*streams: list[str]) -> list[str | None]:
    """What of each stream, given in pieces, is no message; None where all are."""
    node, tools = shutil.which("node"), EXTENSION / "node_modules" / ".bin"
    if node is None or not tools.is_dir():
        missing("the VS Code extension's tools", "run npm ci in editors/vscode")
    bundled = _run([tools / "esbuild", "--bundle", "--platform=node"], _CODE)
    return list(json.loads(_run([node, "-e", bundled], json.dumps(streams))))


def _run(command: list[Any], given: str) -> str:
    done = subprocess.run(
        command,
        cwd=EXTENSION,
        input=given,
        capture_output=True,
        text=True,
        check=False,
        timeout=LIMIT_S,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_messages_cut_anywhere_pass() -> None:
    stream = MESSAGE * 2
    pieces = [[stream[:at], stream[at:]] for at in range(len(stream))]
    pieces.append(list(stream))
    assert verdicts(*pieces) == [None] * len(pieces)


def test_what_is_no_message_is_shown_with_its_first_letters() -> None:
    long = "Content-X: " + "y" * 2_000
    found = verdicts(
        ["hello\n"],
        [MESSAGE, "oops\n"],
        [MESSAGE + "oops\nContent-Length: 2\r\n\r\n{}"],
        list(MESSAGE + "Con text"),
        ["Content-Type: x\r\n\r\n{}"],
        ["Content-Length: many\r\n\r\n{}"],
        [long],
    )
    assert found == [
        "hello\n",
        "oops\n",
        "oops\nContent-Length: 2\r\n\r\n",
        "Con ",
        "Content-Type: x\r\n\r\n",
        "Content-Length: many\r\n\r\n",
        long[:60],
    ]
