"""The two parts of packed facts, compressed each as one Zstandard frame.

A frame has no checksum (each blob has one around it) and no size of its content, which
is told beside it: a frame that says a size is refused, for the library would believe it.

`facts.zdict` is the dictionary that every frame is written with: texts that most
source files repeat, trained on public packages by `tests/benchmarks/train_dictionary.py`.

Invariant: packed facts can only be read with the dictionary that wrote them; another
dictionary is a new version of the packed form (`codec`) and of the store's format.
Invariant: reading a frame takes no more memory than the size that its caller allows.
"""

import threading
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, cast

from codanna_lsp.errors import CodecError

if TYPE_CHECKING:
    import zstandard

LEVEL = 3  # beside level 1: a fifth more time, 8 % fewer bytes
_MAX_WINDOW_BYTES = 1 << 27  # more than any level asks for


class _Own(threading.local):
    """A thread's own compressor and decompressor: neither may be shared."""

    compressor: "zstandard.ZstdCompressor | None" = None
    decompressor: "zstandard.ZstdDecompressor | None" = None


_own = _Own()


def compress(plain: bytes) -> bytes:
    """One frame."""
    compressor = _own.compressor
    if compressor is None:
        compressor = _own.compressor = _new_compressor()
    return compressor.compress(plain)


def decompress(packed: bytes | memoryview, size: int) -> bytes:
    """The `size` bytes of one whole frame.

    Raises:
        CodecError: it is damaged, says its own size, or has another one.
    """
    import zstandard  # not above: a warm start answers without it

    decompressor = _own.decompressor
    if decompressor is None:
        decompressor = _own.decompressor = zstandard.ZstdDecompressor(
            dict_data=_dictionary(), max_window_size=_MAX_WINDOW_BYTES
        )
    try:
        told = zstandard.get_frame_parameters(packed).content_size
        if told != zstandard.CONTENTSIZE_UNKNOWN:
            raise CodecError("packed facts say the size of their content")
        plain = decompressor.decompress(
            packed, max_output_size=size or 1, allow_extra_data=False
        )
    except zstandard.ZstdError as error:
        raise CodecError(f"packed facts are damaged: {error}") from error
    if len(plain) != size:
        raise CodecError("packed facts have another size than they say")
    return plain


def _new_compressor() -> "zstandard.ZstdCompressor":
    import zstandard

    return zstandard.ZstdCompressor(
        level=LEVEL,
        dict_data=_dictionary(),
        write_checksum=False,
        write_content_size=False,
    )


@cache
def _dictionary() -> "zstandard.ZstdCompressionDict":
    import zstandard

    trained = files("codanna_lsp.index.packed").joinpath("facts.zdict").read_bytes()
    dictionary: Any = zstandard.ZstdCompressionDict(
        trained, dict_type=zstandard.DICT_TYPE_FULLDICT
    )
    dictionary.precompute_compress(level=LEVEL)  # its stub gives it no return type
    return cast("zstandard.ZstdCompressionDict", dictionary)
