"""Damage on purpose: bytes flipped in a copy of the index that is only ours."""

from pathlib import Path

PLACES = 64


def flip_bytes(path: Path) -> int:
    """Turn bytes over, evenly spread from the first to the last; how many."""
    content = bytearray(path.read_bytes())
    step = max(1, len(content) // PLACES)
    places = range(0, len(content), step)
    for place in places:
        content[place] ^= 0xFF
    path.write_bytes(content)
    return len(places)


def newest_snapshot(folder: Path) -> Path:
    """The snapshot in use: its generation is the highest."""
    found = folder.glob("snapshot-*.bin")
    return max(found, key=lambda path: int(path.stem.partition("-")[2]))
