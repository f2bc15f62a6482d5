"""Commands beside a running server: asked, taken once, answered; never believed."""

import json
import os
import time
from pathlib import Path

import pytest

from codanna_lsp.store.disk import RealDisk
from codanna_lsp.store.requests import (
    ANSWER_LIMIT_BYTES,
    MAX_REQUESTS,
    forget_request,
    leave_request,
    read_progress,
    take_requests,
)

DISK = RealDisk()


def test_a_request_is_carried_out_once(tmp_path: Path) -> None:
    request = leave_request(DISK, tmp_path, "repair")
    assert read_progress(DISK, request) is None
    (taken,) = take_requests(DISK, tmp_path)
    assert taken.command == "repair"
    assert take_requests(DISK, tmp_path) == []
    taken.say("half of it")
    assert read_progress(DISK, request) == (("half of it",), None)
    taken.finish(3)
    taken.say("too late")
    assert read_progress(DISK, request) == (("half of it",), 3)
    forget_request(DISK, request)
    assert DISK.names(tmp_path) == ()


def test_an_answer_is_bounded_and_still_ends(tmp_path: Path) -> None:
    request = leave_request(DISK, tmp_path, "index")
    (taken,) = take_requests(DISK, tmp_path)
    for _ in range(5_000):
        taken.say("x" * 10_000)
    taken.finish(0)
    progress = read_progress(DISK, request)
    assert progress is not None
    assert progress.exit_code == 0
    (path,) = tmp_path.iterdir()
    assert path.stat().st_size <= ANSWER_LIMIT_BYTES


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"[" * 900,
        b"\xff",
        b'{"command": "rm -rf", "at": 1}',
        b'{"command": ["index"], "at": 1}',
        b'{"command": "index"}',
        b'{"command": "index", "at": "now"}',
        b'{"command": "index", "at": 1}' + b" " * 2_000,
    ],
)
def test_what_is_no_request_is_removed(tmp_path: Path, body: bytes) -> None:
    (tmp_path / "request-1a.json").write_bytes(body)
    assert take_requests(DISK, tmp_path, now_s=1) == []
    assert DISK.names(tmp_path) == ()


def test_a_link_is_removed_and_not_followed(tmp_path: Path) -> None:
    (tmp_path / "real").write_text(json.dumps({"command": "clean", "at": 1}))
    (tmp_path / "request-1a.json").symlink_to(tmp_path / "real")
    assert take_requests(DISK, tmp_path, now_s=1) == []
    assert DISK.names(tmp_path) == ("real",)


def test_stale_requests_and_answers_are_removed(tmp_path: Path) -> None:
    leave_request(DISK, tmp_path, "index")
    assert take_requests(DISK, tmp_path, now_s=time.time() + 31) == []
    answer = tmp_path / "answer-1a.jsonl"
    answer.touch(0o600)
    take_requests(DISK, tmp_path)
    assert answer.exists()
    os.utime(answer, (1, 1))
    take_requests(DISK, tmp_path)
    assert DISK.names(tmp_path) == ()


def test_a_flood_is_taken_in_parts(tmp_path: Path) -> None:
    for number in range(MAX_REQUESTS + 3):
        body = json.dumps({"command": "verify", "at": 1})
        (tmp_path / f"request-{number:x}.json").write_text(body)
    assert len(take_requests(DISK, tmp_path, now_s=1)) == MAX_REQUESTS
    assert len(take_requests(DISK, tmp_path, now_s=1)) == 3


def test_only_known_commands_are_asked(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="none of"):
        leave_request(DISK, tmp_path, "explode")


def test_a_folder_with_the_name_of_a_request_holds_up_none(tmp_path: Path) -> None:
    (tmp_path / "request-0.json" / "in it").mkdir(parents=True)
    (tmp_path / "answer-0.jsonl").mkdir()
    os.utime(tmp_path / "answer-0.jsonl", (0, 0))
    leave_request(DISK, tmp_path, "index")
    (request,) = take_requests(DISK, tmp_path)
    request.finish(0)
    assert not (tmp_path / "request-0.json").exists()
