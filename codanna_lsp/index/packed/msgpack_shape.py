"""The shape of msgpack bytes, checked before msgpack believes their counts.

Nested arrays that all claim the longest length make msgpack allocate that length a
thousand times over; so counts and depth are checked here, against the bytes.
"""

from codanna_lsp.errors import CodecError

_FIXED_SIZES = {
    **dict.fromkeys((0xC0, 0xC2, 0xC3), 1),  # nil, false, true
    0xCA: 5,
    0xCB: 9,  # floats
    0xCC: 2,
    0xCD: 3,
    0xCE: 5,
    0xCF: 9,
    0xD0: 2,
    0xD1: 3,
    0xD2: 5,
    0xD3: 9,
}
_COUNTED = {  # width of the count, values a count stands for (0: bytes, not values)
    0xC4: (1, 0),
    0xC5: (2, 0),
    0xC6: (4, 0),  # bytes
    0xD9: (1, 0),
    0xDA: (2, 0),
    0xDB: (4, 0),  # texts
    0xDC: (2, 1),
    0xDD: (4, 1),
    0xDE: (2, 2),
    0xDF: (4, 2),  # lists, dicts
}


def check_shape(data: bytes, *, max_items: int, max_depth: int) -> None:
    """Walk the tokens of one whole value.

    Raises:
        CodecError: more than `max_items` values (a dict's keys count), or nested deeper
            than `max_depth`, or counts that the bytes cannot hold, or bytes after it.
    """
    offset, items, open_counts = 0, 0, [1]
    size = len(data)
    while open_counts:
        if open_counts[-1] == 0:
            open_counts.pop()
            continue
        open_counts[-1] -= 1
        items += 1
        if items > max_items or offset >= size:
            raise CodecError("packed bytes hold too many values, or end too early")
        skipped, inner = _token(data, offset)
        offset += skipped
        if inner:
            if inner > size - offset or len(open_counts) > max_depth:
                raise CodecError("packed bytes claim more than they hold")
            open_counts.append(inner)
    if offset != size:
        raise CodecError("packed bytes are not one whole value")


def _token(data: bytes, offset: int) -> tuple[int, int]:
    """Bytes of the token (with a text's or bytes' payload), and how many follow in it.

    Source: the msgpack specification, "Formats".
    """
    code = data[offset]
    if code <= 0x7F or code >= 0xE0:
        return 1, 0
    if code <= 0x8F:
        return 1, 2 * (code & 0x0F)
    if code <= 0x9F:
        return 1, code & 0x0F
    if code <= 0xBF:
        return 1 + (code & 0x1F), 0
    fixed = _FIXED_SIZES.get(code)
    if fixed is not None:
        return fixed, 0
    counted = _COUNTED.get(code)
    if counted is None:
        raise CodecError(f"packed bytes hold a value of unknown code {code:#x}")
    width, times = counted
    count = int.from_bytes(data[offset + 1 : offset + 1 + width], "big")
    if times:
        return 1 + width, times * count
    return 1 + width + count, 0
