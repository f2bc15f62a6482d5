"""Names of columns by bisection: equal, starting alike, or with a given acronym.

Invariant: names come in the order of their rows unless a docstring says otherwise.
"""

from bisect import bisect_left
from collections.abc import Callable

from codanna_lsp.index.columns import Columns
from codanna_lsp.index.name_table.names import acronym, fold

_LAST_CODE_POINT = "\U0010ffff"


def folded_range(columns: Columns, folded: str) -> range:
    """The stretch of `folded_order` whose folded names start with `folded`."""
    return _stretch(columns, columns.folded_order, folded, fold)


def acronym_range(columns: Columns, letters: str) -> range:
    """The stretch of `acronym_order` whose acronyms start with `letters`."""
    return _stretch(columns, columns.acronym_order, letters, acronym)


def names_equal(
    columns: Columns, folded: str, places: range | None = None
) -> list[int]:
    """The names that are `folded` when folded; places: its `folded_range`."""
    order = columns.folded_order
    found: list[int] = []
    for place in folded_range(columns, folded) if places is None else places:
        if fold(columns.name(order[place])) != folded:
            break  # longer ones follow
        found.append(order[place])
    return found


def name_row(columns: Columns, name: str) -> int | None:
    """The row of exactly this name."""
    for row in names_equal(columns, fold(name)):
        if columns.name(row) == name:
            return row
    return None


def _stretch(
    columns: Columns,
    order: "memoryview[int]",
    start: str,
    form: Callable[[str], str],
) -> range:
    places = range(len(order))

    def form_at(place: int) -> str:
        return form(columns.name(order[place]))

    first = bisect_left(places, start, key=form_at)
    if first == len(order) or not form_at(first).startswith(start):
        return range(first, first)
    # Mostly few follow: look ahead in ever larger steps, not from the middle of all.
    end, step, high = start + _LAST_CODE_POINT, 1, first + 1
    while high < len(order) and form_at(high) < end:
        step *= 4
        high += step
    stop = bisect_left(places, end, first, min(high, len(order)), key=form_at)
    # A name may itself hold the last code point: step over such by hand.
    while stop < len(order) and form_at(stop).startswith(start):
        stop += 1
    return range(first, stop)


def files_under(columns: Columns, folder: str) -> range:
    """The rows of the files in a folder and below; "" is the root."""
    if not folder:
        return range(columns.file_count)
    first = columns.first_file_from(folder + "/")
    return range(first, columns.first_file_from(folder + chr(ord("/") + 1)))
