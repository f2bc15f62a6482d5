"""The chain of journals that continue each other, read back as one set of changes.

A journal's header says which one it continues and up to which byte; what lies behind
that byte is ignored for ever. A process that loads an index therefore never appends
to a journal that it found: its first transaction goes to the next serial, whose header
cuts whatever tail the last process left behind.

Invariant: reading stops at the first damage; what stands before it is whole.
"""

from pathlib import Path
from typing import NamedTuple

import xxhash

from codanna_lsp.errors import CorruptionError
from codanna_lsp.model.facts import FileRecord
from codanna_lsp.store.disk import Disk, MappedFile
from codanna_lsp.store.journals.journal import (
    HEADER_BYTES,
    MAX_JOURNAL_BYTES,
    JournalHeader,
    JournalReader,
    journal_name,
    journal_serial,
    read_header,
)

MAX_BELIEVED_SERIAL = 1 << 50


class ChainTip(NamedTuple):
    """Where the next journal continues: the last good one, up to its good length."""

    serial: int
    length: int
    check: int


class Chain(NamedTuple):
    """What a chain of journals says.

    changes: the newest word on each path, in no order.
    transaction: number of the last whole one. tip: None when nothing can be continued.
    torn: what a crash left at the end was dropped. damage: why reading stopped early,
    "" when it did not. length: bytes of all its journals. reader: stands at the end of
    the last journal, to follow it.
    """

    changes: dict[str, FileRecord | None]
    transaction: int
    tip: ChainTip | None
    torn: bool
    damage: str
    length: int
    reader: JournalReader | None


def journal_serials(disk: Disk, folder: Path) -> list[int]:
    """The serials of all journals in the folder, whole or not, ascending."""
    found = (journal_serial(name) for name in disk.names(folder))
    return sorted(serial for serial in found if serial is not None)


def next_serial(disk: Disk, folder: Path, *, newest: int) -> int:
    """A serial for another journal, higher than `newest` and any that was ever ours.

    Numbers from MAX_BELIEVED_SERIAL on were not reached one by one: they would leave
    no name for the next, so nothing follows them.
    """
    on_disk = journal_serials(disk, folder)
    believed = [serial for serial in on_disk if serial < MAX_BELIEVED_SERIAL]
    serial = max([newest, *believed]) + 1
    while serial in on_disk:
        serial += 1
    return serial


def read_chain(
    disk: Disk, folder: Path, *, first: int, newest: int, before: int | None = None
) -> Chain:
    """Read the journals from `first` to `newest`, which both must exist.

    before: stop at this serial, and do not read what that journal holds.

    Raises:
        DiskError: the operating system refused.
    """
    links = _Links(disk, folder, first, newest)
    changes: dict[str, FileRecord | None] = {}
    chain = Chain(changes, links.highest_transaction, None, False, "", 0, None)
    serial = first
    while serial and serial != before:
        following = links.continuing(serial)
        stop = links.headers[following].continued_length if following else None
        chain = _read_journal(disk, folder, chain, serial, stop)
        if chain.damage or chain.tip is None:
            return chain
        if following and chain.tip.check != links.headers[following].continued_check:
            return chain._replace(damage=f"{journal_name(serial)} was changed")
        if not following and serial != newest:
            return chain._replace(
                damage=f"{journal_name(newest)} is missing or damaged"
            )
        serial = following
    return chain


def find_first_journal(disk: Disk, folder: Path, *, generation: int) -> int | None:
    """Where replay onto a generation begins, by the headers alone; None if nowhere.

    It may begin earlier than it must, which changes nothing: replay is idempotent.
    """
    for serial in journal_serials(disk, folder):
        header = find_header(disk, folder, serial)
        if header is not None and header.base >= generation:
            return serial
    return None


def find_newest_journal(disk: Disk, folder: Path) -> int | None:
    """The last journal with a whole header, or None."""
    for serial in reversed(journal_serials(disk, folder)):
        if (
            serial < MAX_BELIEVED_SERIAL
            and find_header(disk, folder, serial) is not None
        ):
            return serial
    return None


def find_unnamed_journal(disk: Disk, folder: Path, *, newest: int) -> str:
    """A journal with transactions that is later than the newest one named, or "".

    No crash leaves that: a journal is named before it takes a transaction. So the
    index.meta that does not name it is an older one, put back by somebody.
    """
    for serial in reversed(journal_serials(disk, folder)):
        if not newest < serial < MAX_BELIEVED_SERIAL:
            continue
        name = journal_name(serial)
        try:
            opened = disk.open_map(folder / name, limit=MAX_JOURNAL_BYTES)
        except CorruptionError:
            continue
        size = opened.size if opened is not None else 0
        if opened is not None:
            opened.close()
        if size > HEADER_BYTES and find_header(disk, folder, serial) is not None:
            return name
    return ""


def find_header(disk: Disk, folder: Path, serial: int) -> JournalHeader | None:
    """The header of a journal; None when it is missing or damaged."""
    try:
        opened = disk.open_map(folder / journal_name(serial), limit=MAX_JOURNAL_BYTES)
        if opened is None:
            return None
        try:
            return read_header(opened.view, serial=serial)
        finally:
            opened.close()
    except CorruptionError:
        return None


class _Links:
    """Which journal continues which."""

    def __init__(self, disk: Disk, folder: Path, first: int, newest: int) -> None:
        self.headers: dict[int, JournalHeader] = {}
        for serial in journal_serials(disk, folder):
            if first <= serial <= newest:
                header = find_header(disk, folder, serial)
                if header is not None:
                    self.headers[serial] = header

    @property
    def highest_transaction(self) -> int:
        """The highest transaction that any header speaks of."""
        known = (header.last_transaction for header in self.headers.values())
        return max(known, default=0)

    def continuing(self, serial: int) -> int:
        """The journal that continues this one, or 0.

        Of several the last one counts: an earlier one was created by a process that
        died before index.meta named it, so it never took a transaction.
        """
        found = (
            later
            for later, header in self.headers.items()
            if header.continued_serial == serial
        )
        return max(found, default=0)


def _read_journal(
    disk: Disk, folder: Path, chain: Chain, serial: int, stop: int | None
) -> Chain:
    name = journal_name(serial)
    try:
        opened = disk.open_map(folder / name, limit=MAX_JOURNAL_BYTES)
        if opened is None:
            return chain._replace(damage=f"{name} is missing")
        try:
            header = read_header(opened.view, serial=serial)
            return _read_mapped(opened, header, chain, stop)
        finally:
            opened.close()
    except CorruptionError as damage:
        return chain._replace(damage=damage.message)


def _read_mapped(
    opened: MappedFile, header: JournalHeader, chain: Chain, stop: int | None
) -> Chain:
    name = journal_name(header.serial)
    if chain.tip is not None and header.last_transaction != chain.transaction:
        return chain._replace(damage=f"{name} does not fit the journal before it")
    reader = JournalReader(header)
    end = opened.size if stop is None else min(stop, opened.size)
    for transaction in reader.read(opened.view, end):
        chain.changes.update(transaction.changes)
    damage, torn = "", False
    if stop is not None and reader.position != stop:
        damage = f"{name} is damaged at byte {reader.position}"
    elif stop is None and reader.position != opened.size:
        torn = reader.is_torn(opened.view, opened.size)
        damage = "" if torn else f"{name} is damaged at byte {reader.position}"
    check = xxhash.xxh3_64_intdigest(opened.view[: reader.position])
    return chain._replace(
        transaction=reader.transaction,
        tip=ChainTip(header.serial, reader.position, check),
        torn=torn,
        damage=damage,
        length=chain.length + opened.size,
        reader=reader,
    )
