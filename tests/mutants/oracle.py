"""What a stream of bytes may be answered with, told without the server's own reader.

A frame is strict when any reader must take it so: one Content-Length of plain digits,
no header that is none. Behind the first frame that is not, nothing is required. A body
is strict when it is UTF-8 and JSON by the letter; a looser one may be answered or
refused, once.
"""

import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, cast

MAX_FRAME_BYTES = 64 << 20

_LINE = re.compile(rb"[A-Za-z][A-Za-z0-9-]{0,40}: ?[\x20-\x7e]*")
_LENGTH = re.compile(rb"(?i)content-length: ?([0-9]{1,8})")


class Kind(Enum):
    """What a message is, which says how often it is answered."""

    REQUEST = "request"
    NOTIFICATION = "notification"
    RESPONSE = "response"
    MALFORMED = "malformed"
    LOOSE = "loose"


@dataclass(frozen=True, slots=True)
class Message:
    """One strict frame. stop: the offset behind it."""

    stop: int
    kind: Kind
    id: str | int | None = None
    method: str = ""
    body: Any = None


@dataclass(slots=True)
class Stream:
    """All strict frames. rest: what comes behind the last, which a reader may forgive."""

    messages: list[Message] = field(default_factory=list[Message])
    rest: bytes = b""


def read_stream(data: bytes) -> Stream:
    """The messages that any reader must find in these bytes."""
    stream = Stream()
    at = 0
    while at < len(data):
        found = _read_frame(data, at)
        if found is None:
            stream.rest = data[at:]
            break
        body, at = found
        stream.messages.append(_classify(body, at))
    return stream


def _read_frame(data: bytes, at: int) -> tuple[bytes, int] | None:
    stop = data.find(b"\r\n\r\n", at, at + 4000)
    if stop < 0:
        return None
    lines = data[at:stop].split(b"\r\n")
    if not all(map(_LINE.fullmatch, lines)):
        return None
    lengths = [line for line in lines if line.lower().startswith(b"content-length")]
    found = _LENGTH.fullmatch(lengths[0]) if len(lengths) == 1 else None
    if found is None or int(found[1]) > MAX_FRAME_BYTES:
        return None
    first = stop + 4
    last = first + int(found[1])
    return (data[first:last], last) if last <= len(data) else None


def _classify(body: bytes, stop: int) -> Message:
    try:
        value = _strictly(body)
    except (ValueError, RecursionError):
        kind = Kind.LOOSE if _is_loosely_json(body) else Kind.MALFORMED
        return Message(stop, kind)
    if not isinstance(value, dict):
        return Message(stop, Kind.MALFORMED)
    given = cast("dict[str, Any]", value)
    found = given.get("id")
    known = found if isinstance(found, str | int) and found is not True else None
    known = None if known is False else known
    method = given.get("method")
    if given.get("jsonrpc") != "2.0":
        return Message(stop, Kind.MALFORMED, known)
    if method is None and ("result" in given or "error" in given):
        return Message(stop, Kind.RESPONSE)
    if not isinstance(method, str):
        return Message(stop, Kind.MALFORMED, known)
    if "id" not in given:
        return Message(stop, Kind.NOTIFICATION, None, method, given)
    kind = Kind.MALFORMED if known is None else Kind.REQUEST
    return Message(stop, kind, known, method, given)


def _strictly(body: bytes) -> Any:
    def one_of_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) != len(pairs):
            raise ValueError("a key twice")
        return found

    def no_constant(name: str) -> Any:
        raise ValueError(name)

    return json.loads(
        body.decode("utf-8"),
        object_pairs_hook=one_of_each,
        parse_constant=no_constant,
    )


def _is_loosely_json(body: bytes) -> bool:
    try:
        json.loads(body)
    except (ValueError, RecursionError):
        return False
    return True


# ---- the judgement


@dataclass(slots=True)
class Verdict:
    """What was wrong with a server's answers to one stream; nothing, mostly."""

    requests: int = 0
    missing: list[str] = field(default_factory=list[str])
    double: list[str] = field(default_factory=list[str])
    wrong: list[str] = field(default_factory=list[str])


def judge(stream: Stream, answers: Sequence[Any], code: int | None) -> Verdict:
    """Compare what a server sent, and its exit code, with what the stream asked for."""
    replies = [answer for answer in answers if "method" not in answer]
    told = _Replies(replies)
    verdict = Verdict()
    wanted: Counter[Any] = Counter()
    free: Counter[Any] = Counter()
    life, expected = "fresh", None
    for message in stream.messages:
        if expected is not None:
            free[_key(message.id)] += 1  # behind `exit`
            free[None] += 1
        elif message.kind is Kind.LOOSE:
            free["any"] += 1
        elif message.kind is Kind.MALFORMED:
            wanted[_key(message.id)] += 1
            told.next_of(message.id)
        elif message.kind is Kind.REQUEST:
            verdict.requests += 1
            wanted[_key(message.id)] += 1
            reply = told.next_of(message.id)
            life = _after(life, message, reply, verdict)
        elif message.method == "exit" and message.kind is Kind.NOTIFICATION:
            expected = 0 if life == "shut down" else 1
    if expected is None and not (b"exit" in stream.rest or b"shut" in stream.rest):
        expected = 0 if life == "shut down" and not stream.rest else 1
    if free["any"] or max(wanted.values(), default=0) > 1:
        # A loose message may have been a shutdown, and twins' replies may have come
        # in any order: the life is not known.
        verdict.wrong.clear()
        expected = None
    _count(verdict, wanted, free, told, is_whole=not stream.rest)
    if code is None or (expected is not None and code != expected):
        verdict.wrong.append(f"exit code {code}, not {expected}")
    verdict.wrong += [
        f"an internal error: {reply['error']['message'][:200]}"
        for reply in replies
        if reply.get("error", {}).get("code") == -32603
    ]
    return verdict


def _after(life: str, message: Message, reply: Any, verdict: Verdict) -> str:
    """The server's life after a request, whose error must fit the life before it."""
    if reply is None:
        return life
    code = reply.get("error", {}).get("code")
    refused = None
    if life == "fresh" and message.method != "initialize":
        refused = -32002
    elif life == "shut down" or (life == "running" and message.method == "initialize"):
        refused = -32600
    if (code in (-32002, -32600)) != (refused is not None) or (
        refused is not None and code != refused
    ):
        verdict.wrong.append(f"{message.method[:40]} while {life}: {code}")
    if code is None and message.method == "initialize":
        return "running"
    if code is None and message.method == "shutdown":
        return "shut down"
    return life


def _count(
    verdict: Verdict,
    wanted: Counter[Any],
    free: Counter[Any],
    told: "_Replies",
    *,
    is_whole: bool,
) -> None:
    spare = free["any"] + (0 if is_whole else 10**6)
    for key, count in wanted.items():
        if told.counts[key] < count:
            verdict.missing.append(repr(key))
    for key, count in told.counts.items():
        over = count - wanted[key] - free[key]
        if over > 0:
            spare -= over
            if spare < 0:
                verdict.double.append(repr(key))


def _key(request_id: str | int | None) -> Any:
    return None if request_id is None else (type(request_id).__name__, request_id)


class _Replies:
    """The replies by their ids, in the order of each."""

    def __init__(self, replies: Sequence[Any]) -> None:
        self.counts = Counter(_key(reply.get("id")) for reply in replies)
        self._waiting: dict[Any, Iterator[Any]] = {}
        by_id: dict[Any, list[Any]] = {}
        for reply in replies:
            by_id.setdefault(_key(reply.get("id")), []).append(reply)
        self._waiting = {key: iter(found) for key, found in by_id.items()}

    def next_of(self, request_id: str | int | None) -> Any:
        """The next reply with this id; None when there is none."""
        return next(self._waiting.get(_key(request_id), iter(())), None)
