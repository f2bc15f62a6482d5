"""Reports of changed files are gathered, and looked at soon however often they come."""

import asyncio

from codanna_lsp.server.keeping.gathering import (
    EVERYTHING,
    MAX_CHANGED_PATHS,
    MOST_PERIODS,
    Gathering,
)


def check_looks(reports: list[list[str]], *, debounce_ms: int = 1) -> list[set[str]]:
    """What is looked at after reports that come at once."""
    looks: list[set[str]] = []

    async def gather() -> None:
        looked = asyncio.Event()

        def look(paths: set[str]) -> None:
            looks.append(paths)
            looked.set()

        gathering = Gathering(look)
        for paths in reports:
            gathering.add(paths, debounce_ms=debounce_ms)
        await looked.wait()
        gathering.close()

    asyncio.run(gather())
    return looks


def test_reports_at_once_are_one_look() -> None:
    assert check_looks([["a"], ["b", "c"], ["a"]]) == [{"a", "b", "c"}]


def test_no_quiet_at_all_is_a_look_too() -> None:
    assert check_looks([["a"]], debounce_ms=0) == [{"a"}]


def test_too_many_paths_are_a_look_at_everything() -> None:
    many = [str(number) for number in range(MAX_CHANGED_PATHS + 1)]
    assert check_looks([many, ["a"]]) == [{EVERYTHING, "a"}]


def test_reports_without_end_do_not_put_the_look_off() -> None:
    period_ms = 20
    looks: list[set[str]] = []

    async def report_until_looked() -> float:
        loop = asyncio.get_running_loop()
        gathering = Gathering(looks.append)
        started = loop.time()
        while not looks:
            gathering.add(["a"], debounce_ms=period_ms)
            await asyncio.sleep(0)
        return loop.time() - started

    took_s = asyncio.run(report_until_looked())
    assert looks == [{"a"}]
    assert took_s >= MOST_PERIODS * period_ms / 1000 * 0.9
