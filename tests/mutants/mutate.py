"""Seeded mutations of a recorded session: what a bad line, or a bad client, does to it."""

import json
import re
from collections.abc import Callable, Sequence
from random import Random

from codanna_lsp.server.from_lsp import is_object
from tests.mutants.recorded import frame

_LENGTH = re.compile(rb"Content-Length: (\d+)\r\n\r\n")
_NUMBER = re.compile(rb"-?\d+")
_STRING = re.compile(rb'"[^"\\]{0,40}"')

_LENGTHS = (
    *(b"content-length: %d", b"CONTENT-LENGTH:%d", b"Content-Length: %d\r\nX-More: 1"),
    b"Content-Type: application/vscode-jsonrpc; charset=utf-8\r\nContent-Length: %d",
    *(b"Content-Length: -%d", b"Content-Length: %d0", b"Content-Length: 0%d"),
    *(b"Content-Length: %d\r\nContent-Length: %d1", b"Content-Length: %d.0", b"X: %d"),
    *(b"Content-Length: 99999999999%d", b"Content-Length %d", b"Content-Length: 1%d"),
)
_VALUES = (
    *(b"null", b"true", b"-1", b"0", b"1.5", b"1e400", b"NaN", b"[]", b"{}", b'""'),
    *(b"1099511627776", b"9" * 5000, b'"\\ud800"', b'"\\u0000"', b'"../../.."'),
    *(b"[" * 2000 + b"]" * 2000, b'"' + b"x" * 70_000 + b'"', b"2147483648", b"-0"),
)
_BODIES = (
    *(b"", b"5", b"null", b"[]", b"{}", b'"x"', b"\xff\xfe", b"[" * 100_000),
    b'[{"jsonrpc":"2.0","id":1,"method":"shutdown"}]',
    b'{"jsonrpc":"2.0","id":"x","method":"no/such/method"}',
    b'{"jsonrpc":"2.0","id":900,"method":"textDocument/didOpen","params":{}}',
    b'{"jsonrpc":"2.0","method":"workspace/symbol","params":{"query":"a"}}',
    b'{"jsonrpc":"2.0","method":"initialize","params":{"capabilities":{}}}',
    b'{"jsonrpc":"2.0","method":"$/cancelRequest","params":{"id":[]}}',
    b'{"jsonrpc":"2.0","id":901,"method":"$/cancelRequest","params":{"id":3}}',
)


def mutated(session: Sequence[bytes], others: Sequence[bytes], random: Random) -> bytes:
    """The session's bytes after one to three mutations.

    session: bodies; others: those of all sessions, to splice from.
    """
    bodies = list(session)
    for _ in range(random.choice((0, 1, 1, 2))):
        random.choice(_OF_BODIES)(bodies, others, random)
    stream = b"".join(map(frame, bodies))
    for _ in range(random.choice((0, 1, 1, 2))):
        stream = random.choice(_OF_BYTES)(stream, random)
    return stream


# ---- of whole messages, in right frames


def _drop(bodies: list[bytes], others: Sequence[bytes], random: Random) -> None:
    del others
    if bodies:
        del bodies[random.randrange(len(bodies))]


def _repeat(bodies: list[bytes], others: Sequence[bytes], random: Random) -> None:
    del others
    if bodies:
        at = random.randrange(len(bodies))
        bodies.insert(random.randint(at, len(bodies)), bodies[at])


def _swap(bodies: list[bytes], others: Sequence[bytes], random: Random) -> None:
    del others
    if bodies:
        one, other = random.randrange(len(bodies)), random.randrange(len(bodies))
        bodies[one], bodies[other] = bodies[other], bodies[one]


def _splice(bodies: list[bytes], others: Sequence[bytes], random: Random) -> None:
    bodies.insert(random.randint(0, len(bodies)), random.choice(others))


def _strange(bodies: list[bytes], others: Sequence[bytes], random: Random) -> None:
    del others
    bodies.insert(random.randint(0, len(bodies)), random.choice(_BODIES))


def _other_value(bodies: list[bytes], others: Sequence[bytes], random: Random) -> None:
    """One number or string of a message becomes another value, the frame stays right."""
    del others
    if not bodies:
        return
    at = random.randrange(len(bodies))
    places = [
        found.span()
        for pattern in (_NUMBER, _STRING)
        for found in pattern.finditer(bodies[at])
    ]
    if places:
        start, stop = random.choice(places)
        body = bodies[at]
        bodies[at] = body[:start] + random.choice(_VALUES) + body[stop:]


def _bad_byte(bodies: list[bytes], others: Sequence[bytes], random: Random) -> None:
    """One byte inside of a body, which stays as long as it was."""
    del others
    if bodies and (body := bodies[at := random.randrange(len(bodies))]):
        place = random.randrange(len(body))
        bodies[at] = body[:place] + random.randbytes(1) + body[place + 1 :]


def _keep_some(bodies: list[bytes], others: Sequence[bytes], random: Random) -> None:
    """One object of a message loses a key."""
    del others
    if not bodies:
        return
    at = random.randrange(len(bodies))
    try:
        value = json.loads(bodies[at])
    except (ValueError, RecursionError):
        return
    while is_object(value) and value:
        key = random.choice(sorted(value))
        if not isinstance(value[key], dict) or random.random() < 0.3:
            bodies[at] = bodies[at].replace(b'"%b":' % key.encode(), b'"z":', 1)
            return
        value = value[key]


_OF_BODIES: tuple[Callable[[list[bytes], Sequence[bytes], Random], None], ...] = (
    *(_drop, _repeat, _swap, _splice, _strange),
    *(_other_value, _other_value, _bad_byte, _keep_some, _keep_some),
)


# ---- of the bytes, frames or not


def _flip(stream: bytes, random: Random) -> bytes:
    if not stream:
        return stream
    at = random.randrange(len(stream))
    return (
        stream[:at] + bytes([stream[at] ^ 1 << random.randrange(8)]) + stream[at + 1 :]
    )


def _delete(stream: bytes, random: Random) -> bytes:
    at = random.randint(0, len(stream))
    return stream[:at] + stream[at + random.choice((1, 2, 7, 100, 3000)) :]


def _insert(stream: bytes, random: Random) -> bytes:
    at = random.randint(0, len(stream))
    return stream[:at] + random.randbytes(random.choice((1, 2, 50))) + stream[at:]


def _duplicate(stream: bytes, random: Random) -> bytes:
    at = random.randint(0, len(stream))
    size = random.choice((1, 20, 500))
    return stream[: at + size] + stream[at:]


def _truncate(stream: bytes, random: Random) -> bytes:
    return stream[: random.randint(0, len(stream))]


def _edit_header(stream: bytes, random: Random) -> bytes:
    headers = list(_LENGTH.finditer(stream))
    if not headers:
        return stream
    found = random.choice(headers)
    other = random.choice(_LENGTHS).replace(b"%d", found[1])
    return stream[: found.start()] + other + b"\r\n\r\n" + stream[found.end() :]


def _other_length(stream: bytes, random: Random) -> bytes:
    headers = list(_LENGTH.finditer(stream))
    if not headers:
        return stream
    found = random.choice(headers)
    wrong = max(0, int(found[1]) + random.choice((-20, -1, 1, 2, 300)))
    return stream[: found.start(1)] + b"%d" % wrong + stream[found.end(1) :]


def _line_ends(stream: bytes, random: Random) -> bytes:
    """Half a line end, or two, where a header ends."""
    headers = list(_LENGTH.finditer(stream))
    if not headers:
        return stream
    found = random.choice(headers)
    ends = random.choice((b"\r\n", b"\n\n", b"\r\n\r\n\r\n", b"\r\r\n\r\n", b""))
    return stream[: found.end(1)] + ends + stream[found.end() :]


_OF_BYTES: tuple[Callable[[bytes, Random], bytes], ...] = (
    *(_flip, _delete, _insert, _duplicate, _truncate),
    *(_edit_header, _other_length, _line_ends),
)
