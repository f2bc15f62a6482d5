"""What a server writes is checked message by message; no editor is needed."""

from tests.editors.vscode.typescript import evaluated

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
    return list(evaluated(_CODE, streams))


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
