"""The names around a symbol as one text that people can read."""

from collections.abc import Sequence

MAX_CONTAINER_CHARACTERS = 300
OUTER_NAMES = 2
INNER_NAMES = 6
_LEFT_OUT = "…"
_HEAD_CHARACTERS = MAX_CONTAINER_CHARACTERS // 3
_TAIL_CHARACTERS = MAX_CONTAINER_CHARACTERS - _HEAD_CHARACTERS - len(_LEFT_OUT)


def join_container(names: Sequence[str], mark: str) -> str:
    """The enclosing names, outermost first, with the mark between them.

    Of many names the outermost OUTER_NAMES and the innermost INNER_NAMES are left, of
    long ones MAX_CONTAINER_CHARACTERS; "…" stands for what is not.
    """
    if len(names) > OUTER_NAMES + INNER_NAMES:
        names = (*names[:OUTER_NAMES], _LEFT_OUT, *names[-INNER_NAMES:])
    text = mark.join(names)
    if len(text) <= MAX_CONTAINER_CHARACTERS:
        return text
    return text[:_HEAD_CHARACTERS] + _LEFT_OUT + text[-_TAIL_CHARACTERS:]
