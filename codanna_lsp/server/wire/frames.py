"""Content-Length framing: bytes in, message bodies out, and back.

Invariant: after a FramingError nothing more can be read; the stream has lost its step.
Invariant: never more than one frame's limit of bytes is held.
"""

from collections.abc import Iterator

from codanna_lsp.errors import FramingError

MAX_FRAME_BYTES = 64 << 20
MAX_HEADER_BYTES = 4096
MAX_NAME_BYTES = 64
MAX_DIGITS = 18


class FrameDecoder:
    """Cuts a byte stream into message bodies."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._wanted = -1  # body bytes of the frame begun, -1 while in its header

    @property
    def is_between_frames(self) -> bool:
        """True when no frame has been begun."""
        return not self._buffer and self._wanted < 0

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Yield each body that is complete with these bytes.

        Raises:
            FramingError: a header that is none, or a length beyond MAX_FRAME_BYTES.
        """
        self._buffer += data
        while True:
            if self._wanted < 0 and not self._read_header():
                return
            if len(self._buffer) < self._wanted:
                return
            body = bytes(memoryview(self._buffer)[: self._wanted])
            del self._buffer[: self._wanted]
            self._wanted = -1
            yield body

    def _read_header(self) -> bool:
        end = self._buffer.find(b"\r\n\r\n", 0, MAX_HEADER_BYTES + 4)
        if end < 0:
            # A stream that has lost its step is seen at once, not 4 kB later.
            begun = bytes(self._buffer[: MAX_HEADER_BYTES + 1])
            *whole, last = begun.split(b"\r\n")
            for line in whole:
                _read_line(line)
            if len(begun) > MAX_HEADER_BYTES or not _may_begin_line(last):
                raise FramingError(f"no LSP header: {last[:80]!r}")
            return False
        self._wanted = _content_length(bytes(self._buffer[:end]))
        del self._buffer[: end + 4]
        return True


def encode_frame(body: bytes) -> bytes:
    """One body with its header before it."""
    return b"Content-Length: %d\r\n\r\n%b" % (len(body), body)


def _may_begin_line(text: bytes) -> bool:
    """Whether a line of a header can begin so; its end has not come yet."""
    name, colon, value = text.partition(b":")
    if b"\n" in value or (not colon and len(name) > MAX_NAME_BYTES):
        return False
    return not name.translate(None, _NAME_BYTES + b"\r")


_NAME_BYTES = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-"


def _read_line(line: bytes) -> tuple[bytes, bytes]:
    """A header's name in lower case, and its value."""
    name, colon, value = line.partition(b":")
    if not colon or not name or name.translate(None, _NAME_BYTES) or b"\n" in value:
        raise FramingError(f"no LSP header: {line[:80]!r}")
    return name.lower(), value.strip()


def _content_length(header: bytes) -> int:
    found: set[bytes] = set()
    for line in header.split(b"\r\n"):
        name, value = _read_line(line)
        if name == b"content-length":
            found.add(value)
    if len(found) != 1:
        what = "two lengths" if found else "no Content-Length"
        raise FramingError(f"an LSP header with {what}")
    (text,) = found
    if not text.isdigit() or len(text) > MAX_DIGITS:
        raise FramingError(f"no length of a message: {text[:80]!r}")
    length = int(text)
    if length > MAX_FRAME_BYTES:
        raise FramingError(
            f"a message of {length} bytes is over the limit of {MAX_FRAME_BYTES}"
        )
    return length
