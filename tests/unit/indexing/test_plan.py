"""A plan reads what may have changed, and nothing else."""

import pytest

from codanna_lsp.extraction.extract import extractor_version
from codanna_lsp.indexing.plan import Plan, is_racy, make_plan
from codanna_lsp.languages.registry import get_language
from codanna_lsp.model.facts import FileRecord, Fingerprint, Reason
from codanna_lsp.workspace.walker import SourceFile

SECOND = 1_000_000_000
THEN = 1_000 * SECOND + 1
LATER = 2_000 * SECOND


def record(
    path: str = "a.py",
    *,
    size: int = 5,
    mtime_ns: int = THEN,
    indexed_ns: int = LATER,
    language: str = "python",
    extractor: str | None = None,
    reason: str = "",
) -> FileRecord:
    version = extractor or extractor_version(get_language(language))
    fingerprint = Fingerprint(size, mtime_ns, b"d" * 16)
    return FileRecord(path, language, fingerprint, version, indexed_ns, reason, b"")


def describe(plan: Plan) -> str:
    parts = [
        ("added", [file.path for file in plan.added]),
        ("outdated", [file.path for file, _ in plan.outdated]),
        ("suspect", [file.path for file, _ in plan.suspects]),
        ("removed", plan.removed),
        ("partial", [path for path, _ in plan.partial]),
    ]
    words = [f"{name} {' '.join(paths)}" for name, paths in parts if paths]
    return ", ".join([*words, f"{plan.unchanged} unchanged"])


def check_plan(
    expected: str,
    found: list[SourceFile],
    known: list[FileRecord],
    *,
    off: tuple[str, ...] = (),
    force: bool = False,
    hash_all: bool = False,
) -> None:
    plan = make_plan(found, known, off=off, force=force, hash_all=hash_all)
    assert describe(plan) == expected


A = SourceFile("a.py", 5, THEN)
B = SourceFile("b.py", 5, THEN)


def test_new_gone_and_unchanged_files() -> None:
    check_plan(
        "added b.py, removed c.py, 1 unchanged", [A, B], [record(), record("c.py")]
    )


def test_another_size_or_mtime() -> None:
    check_plan("suspect a.py, 0 unchanged", [A], [record(size=6)])
    check_plan("suspect a.py, 0 unchanged", [A], [record(mtime_ns=THEN + 1)])
    check_plan("suspect a.py, 0 unchanged", [A], [record(mtime_ns=THEN - 1)])


@pytest.mark.parametrize("late", [0, 1, 19_000_000])
def test_a_record_hardly_younger_than_the_mtime_is_not_trusted(late: int) -> None:
    check_plan("suspect a.py, 0 unchanged", [A], [record(indexed_ns=THEN + late)])


def test_where_mtimes_are_whole_seconds_the_next_two_are_not_trusted() -> None:
    assert is_racy(THEN - 1, THEN - 1 + SECOND)
    assert not is_racy(THEN, THEN + SECOND)


def test_an_mtime_in_the_future_is_never_trusted() -> None:
    check_plan("suspect a.py, 0 unchanged", [A], [record(indexed_ns=THEN - 5)])


def test_a_ctime_after_the_reading_tells_of_an_mtime_that_was_set_back() -> None:
    check_plan("1 unchanged", [A._replace(ctime_ns=LATER)], [record()])
    check_plan(
        "suspect a.py, 0 unchanged", [A._replace(ctime_ns=LATER + 1)], [record()]
    )


def test_another_extractor_or_an_unknown_language() -> None:
    check_plan("outdated a.py, 0 unchanged", [A], [record(extractor="older")])
    unknown = record(extractor="x")._replace(language="gone")
    check_plan("outdated a.py, 0 unchanged", [A], [unknown])


def test_a_language_switched_off_and_on() -> None:
    check_plan("outdated a.py, 0 unchanged", [A], [record()], off=("python",))
    was_off = record(reason=Reason.LANGUAGE_OFF)
    check_plan("outdated a.py, 0 unchanged", [A], [was_off])
    check_plan("partial a.py, 1 unchanged", [A], [was_off], off=("python",))


def test_what_is_known_in_part_is_told_and_not_read_again() -> None:
    crashed = record(reason=Reason.PARSER_CRASHED)
    check_plan("partial a.py, 1 unchanged", [A], [crashed])


def test_force_and_hash_all() -> None:
    check_plan("outdated a.py, 0 unchanged", [A], [record()], force=True)
    check_plan("suspect a.py, 0 unchanged", [A], [record()], hash_all=True)
