"""A home folder that was indexed once hides no project in it, and says why it is empty."""

from pathlib import Path

import pytest

from tests.cli.conftest import Command

WHY = "only open files and their folders are indexed"


@pytest.fixture
def home(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The workspace's parent is the home folder, and has an index, as an editor left."""
    home = workspace.parent
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("USERPROFILE", str(home))
    return home


def test_a_project_in_it_is_a_workspace_of_its_own(
    home: Path, command: Command, workspace: Path
) -> None:
    assert WHY in command("index", str(home)).err
    (home / ".git").mkdir()
    found = command("search", "BasketView", "--json").json
    assert (found["root"], len(found["symbols"])) == (str(workspace), 1)
    assert command("definition", "shop/till.py:3:23").code == 0
    assert command("status", "--json").json["root"] == str(workspace)
    command("clean")
    assert command("status", str(home), "--json").json["root"] == str(home)


def test_from_it_a_project_is_still_one(
    home: Path, command: Command, workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(home)
    found = command("search", "BasketView", "--path", workspace.name, "--json").json
    assert (found["root"], len(found["symbols"])) == (str(workspace), 1)


def test_a_question_about_it_says_why_nothing_is_found(
    home: Path, command: Command
) -> None:
    told = command("search", "BasketView", "--path", str(home))
    assert (told.code, told.out) == (1, "")
    assert WHY in told.err


def test_a_definition_knows_the_folder_of_its_file(
    home: Path, command: Command
) -> None:
    told = command("definition", "--root", str(home), "shop/till.py:4:27")
    assert told.code == 0, told.err
    assert "add_item" in told.out
    assert WHY in told.err
