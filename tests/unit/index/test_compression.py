"""What a frame of packed facts may not do, whoever wrote it."""

import contextlib
from typing import Any

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from codanna_lsp.errors import CodecError
from codanna_lsp.index.packed.compression import compress, decompress


@given(st.binary(max_size=5_000))
def test_gives_back_what_it_was_given(plain: bytes) -> None:
    assert decompress(compress(plain), len(plain)) == plain


@pytest.mark.parametrize("size", [0, 99, 101, 1 << 28])
def test_another_size_than_was_told_is_an_error(size: int) -> None:
    with pytest.raises(CodecError):
        decompress(compress(b"x" * 100), size)


def test_a_frame_that_says_its_size_is_refused_before_it_is_believed() -> None:
    boasting = zstandard.ZstdCompressor().compress(b"x" * 100)
    with pytest.raises(CodecError, match="size of their content"):
        decompress(boasting, 100)


def test_a_bomb_takes_no_more_than_it_may() -> None:
    bomb = zstandard.ZstdCompressor(write_content_size=False).compress(bytes(1 << 26))
    assert len(bomb) < 1 << 14
    with pytest.raises(CodecError):
        decompress(bomb, 1_000)


def test_bytes_after_the_frame_are_an_error() -> None:
    with pytest.raises(CodecError):
        decompress(compress(b"facts") + b"more", 5)


def test_a_frame_of_another_dictionary_is_an_error() -> None:
    samples = [f"def name_{n}(self) -> None".encode() * 4 for n in range(2_000)]
    train: Any = zstandard.train_dictionary  # its stub wants a list of ByteString
    other = train(2_000, samples)
    frame = zstandard.ZstdCompressor(dict_data=other, write_content_size=False)
    with pytest.raises(CodecError):
        decompress(frame.compress(b"facts"), 5)


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    plain = b""
    with contextlib.suppress(CodecError):
        plain = decompress(data, 10)
    assert len(plain) in {0, 10}
