"""Tending: what is done for every root now and then, behind the answers.

Checkpoints when they are due, a reader following its writer, the verification of what
was loaded in small slices, and the publication of the states.

Invariant: work of a root is done in its worker of runs, and only while that is idle.
Invariant: what fails once is logged, and all is tended again a moment later.
"""

import asyncio
import time
from functools import partial
from typing import TYPE_CHECKING

from codanna_lsp.errors import CorruptionError
from codanna_lsp.server import guard
from codanna_lsp.server.keeping.asked import take_over_requests
from codanna_lsp.server.keeping.telling import ENDING_S
from codanna_lsp.server.status import publish

if TYPE_CHECKING:
    from codanna_lsp.server.keeping.keeper import Keeper
    from codanna_lsp.server.root import Root
    from codanna_lsp.server.session import Session
    from codanna_lsp.store.index_store import IndexStore

BUSY_PERIOD_S = 0.15
QUIET_PERIOD_S = 1.0
FIRST_TEND_S = 2.0
TAKE_OVER_PERIOD_S = 10.0
RETRY_PERIOD_S = 10.0
COLUMNS_PERIOD_S = 600.0
SUSPICION_PERIOD_S = 10.0  # at least, between two looks for damage that was suspected
REQUESTS_PERIOD_S = 0.9
QUIET_S = 0.2  # since the client was heard: then its next message waits for no slice
PATIENCE_S = 60.0
_SLICE_S = 0.02
_SLICE_FILES = 64


async def tend_for_ever(session: "Session") -> None:
    """Look after all roots until the session ends."""
    tenders: dict[Keeper, Tender] = {}
    while True:
        busy = False
        for root in session.roots:
            keeper = root.keeper
            if keeper is None or keeper.store is None:
                busy = True
                continue
            tender = tenders.setdefault(keeper, Tender(session, root, keeper))
            guard.attempt(f"the upkeep of {root.name}", tender.tend)
            busy = busy or not keeper.is_idle
        kept = {root.keeper for root in session.roots}
        for gone in [keeper for keeper in tenders if keeper not in kept]:
            del tenders[gone]
        now_ms = time.monotonic_ns() // 1_000_000
        guard.attempt("telling the state", partial(publish, session, now_ms=now_ms))
        await asyncio.sleep(BUSY_PERIOD_S if busy else QUIET_PERIOD_S)


class Tender:
    """Looks after one root."""

    def __init__(self, session: "Session", root: "Root", keeper: "Keeper") -> None:
        self._session = session
        self._root = root
        self._keeper = keeper
        now = time.monotonic()
        self._started_s = now
        self._take_over_s = now
        self._retry_s = now
        self._columns_s = now
        self._suspected_s = -SUSPICION_PERIOD_S
        self._asked_s = now
        self._checked = False

    def tend(self) -> None:
        """Begin what is due, if the worker is free."""
        keeper, now = self._keeper, time.monotonic()
        store = keeper.store
        if store is None:
            return
        if now - self._asked_s > REQUESTS_PERIOD_S:
            self._asked_s = now
            take_over_requests(self._root)
        keeper.teller.settle(store)
        if not keeper.is_idle:
            return
        is_reader = store.mode == "reader"
        asked = is_reader and "READ_DAMAGED" in store.troubles
        suspects = keeper.suspects_damage or asked
        if suspects and now - self._suspected_s > SUSPICION_PERIOD_S:
            keeper.suspects_damage, self._suspected_s = False, now
            keeper.tend(self._check_columns)
        elif is_reader and now - self._columns_s <= COLUMNS_PERIOD_S:
            keeper.tend(self._read_along)
        elif is_reader:
            self._columns_s = now
            keeper.tend(self._check_columns)
        elif keeper.last_run is None or now - self._started_s < FIRST_TEND_S:
            return  # the sources are compared first
        elif store.is_checkpoint_due():
            keeper.tend(self._checkpoint)
        elif not (self._checked and store.are_facts_verified):
            if self._is_quiet(now):
                keeper.tend(self._verify)
        elif now - self._retry_s > RETRY_PERIOD_S:
            self._retry_s = now
            keeper.tend(_retry)
        elif now - self._columns_s > COLUMNS_PERIOD_S:
            self._columns_s = now
            keeper.tend(self._check_columns)

    def _is_quiet(self, now: float) -> bool:
        """Whether the client is: it is not waited for without end."""
        quiet = now - self._session.protocol.heard_s > QUIET_S
        return quiet or now - self._started_s > PATIENCE_S

    def _read_along(self, store: "IndexStore") -> None:
        try:
            store.follow()
        except CorruptionError:  # or nobody would take over from a dead writer
            self._keeper.suspects_damage = True
        now = time.monotonic()
        # At first the holder may be a server that is just ending.
        is_new = now - self._started_s < 2 * ENDING_S
        if is_new or now - self._take_over_s > TAKE_OVER_PERIOD_S:
            self._take_over_s = now
            if store.try_take_over():
                self._checked = False
                self._keeper.look_soon()

    def _checkpoint(self, store: "IndexStore") -> None:
        store.checkpoint()
        if store.must_hash_sources:  # a journal was lost meanwhile
            self._keeper.look_soon()

    def _check_columns(self, store: "IndexStore") -> None:
        whole = store.check_columns()
        if store.mode == "reader":
            return  # nothing is to be read again: the writer mends it
        if not whole or store.must_hash_sources or self._keeper.last_run is None:
            self._keeper.look_soon()

    def _verify(self, store: "IndexStore") -> None:
        if not self._checked:
            self._checked = True  # once: a checkpoint looks at it again by itself
            store.check_search_index()
            return
        stop = time.monotonic() + _SLICE_S
        while time.monotonic() < stop and not store.verify_blobs(_SLICE_FILES):
            pass


def _retry(store: "IndexStore") -> None:
    store.make_durable()
