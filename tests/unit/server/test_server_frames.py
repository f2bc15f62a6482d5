"""Frames: what is a message, and when the stream has lost its step."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codanna_lsp.errors import FramingError
from codanna_lsp.server.wire.frames import MAX_FRAME_BYTES, FrameDecoder, encode_frame


@given(
    bodies=st.lists(st.binary(max_size=30), max_size=5),
    cuts=st.lists(st.integers(1, 40)),
)
def test_bodies_come_out_however_the_stream_is_cut(
    bodies: list[bytes], cuts: list[int]
) -> None:
    stream = b"".join(map(encode_frame, bodies))
    decoder = FrameDecoder()
    found: list[bytes] = []
    for cut in [*cuts, len(stream) + 1]:
        found += decoder.feed(stream[:cut])
        stream = stream[cut:]
    assert found == bodies
    assert decoder.is_between_frames


def test_headers_may_be_lower_case_and_many() -> None:
    head = b"content-type: application/vscode-jsonrpc\r\ncontent-length:  2 \r\n\r\n{}"
    assert list(FrameDecoder().feed(head)) == [b"{}"]


@pytest.mark.parametrize(
    "stream",
    [
        pytest.param(
            b'"}Content-Length: 2\r\n\r\n{}', id="a length that was too small"
        ),
        pytest.param(b"Content-Length: -1\r\n\r\n", id="below zero"),
        pytest.param(b"Content-Length: 1e11\r\n\r\n", id="no whole number"),
        pytest.param(b"Content-Length: 99999999999999999999\r\n\r\n", id="absurd"),
        pytest.param(b"Content-Length: %d\r\n\r\n" % (MAX_FRAME_BYTES + 1), id="huge"),
        pytest.param(b"Content-Type: x\r\n\r\n{}", id="no length"),
        pytest.param(b"\r\n\r\n", id="no header"),
        pytest.param(b"Content-Length: 2\n\n{}", id="line feeds only"),
        pytest.param(
            b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n", id="two lengths"
        ),
        pytest.param(b"Content-Length: 2\r\n{}", id="no empty line"),
        pytest.param(b"Content-Length: 2\r\n{}Content-Len", id="nor a next one"),
        pytest.param(b"Content-Length : 2\r\n\r\n", id="a blank in the name"),
        pytest.param(b"\r\n", id="an empty line"),
        pytest.param(b"{" * 20, id="JSON without a header"),
        pytest.param(b"A" * 5000, id="a header without end"),
    ],
)
def test_a_stream_out_of_step_is_noticed_at_once(stream: bytes) -> None:
    with pytest.raises(FramingError):
        list(FrameDecoder().feed(stream))
