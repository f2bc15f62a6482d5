"""`search` and `definition`: answers as an editor's user writes places."""

from pathlib import Path

import pytest

from tests.cli.conftest import Command


def check_search(command: Command, words: str, expected: str) -> None:
    told = command("search", *words.split())
    assert told.out.strip() == expected.strip(), told.err
    assert told.code == (0 if expected else 1)


def test_a_symbol_by_its_name(command: Command) -> None:
    check_search(command, "ShoppingBasket", "shop/basket.py:1:7  class  ShoppingBasket")


def test_a_member_with_its_container(command: Command) -> None:
    check_search(
        command, "additem", "shop/basket.py:4:9  method  ShoppingBasket.add_item"
    )


def test_columns_are_characters(command: Command) -> None:
    check_search(command, "weite", "shop/till.py:6:8  variable  weite")


def test_filters(command: Command) -> None:
    check_search(command, "bask --kind method", "")
    check_search(
        command, "bask --lang typescript", "web/basket.ts:1:14  class  BasketView"
    )
    check_search(command, "bask --path web", "web/basket.ts:1:14  class  BasketView")


def test_below_a_folder_means_that_folder(command: Command, workspace: Path) -> None:
    inner = workspace / "old" / "web [1]"
    inner.mkdir(parents=True)
    (inner / "x.py").write_text("class BasketCase: ...\n")
    told = command("search", "Basket", "--path", "web")
    assert told.out == "web/basket.ts:1:14  class  BasketView\n"
    told = command("search", "Basket", "--path", "old/web [1]")
    assert told.out == "old/web [1]/x.py:1:7  class  BasketCase\n"


def test_an_unknown_filter_is_refused_with_those_known(command: Command) -> None:
    told = command("search", "x", "--kind", "clas")
    assert (told.code, told.out) == (2, "")
    assert "'clas'" in told.err
    assert "class" in told.err
    assert command("search", "x", "--lang", "cobol").code == 2


def test_a_deep_chain_of_containers_stays_readable(
    command: Command, workspace: Path
) -> None:
    lines = [f"{' ' * level}class C{level}:" for level in range(60)]
    (workspace / "deep.py").write_text("\n".join([*lines, f"{' ' * 60}deepest = 1\n"]))
    wanted = "C0.C1.….C54.C55.C56.C57.C58.C59"
    assert f"  {wanted}.deepest" in command("search", "deepest").out
    (found,) = command("search", "deepest", "--json").json["symbols"]
    assert found["container"] == wanted


def test_nothing_found_is_exit_code_1(command: Command) -> None:
    check_search(command, "zzzzzz", "")
    assert "nothing matches 'zzzzzz'" in command("search", "zzzzzz").err
    told = command("definition", "shop/till.py:2:1")
    assert "nothing is known of what stands at shop/till.py:2:1" in told.err


def test_search_as_json(command: Command, workspace: Path) -> None:
    said = command("search", "weite", "--json").json
    assert said["root"] == str(workspace)
    assert said["complete"] is True
    (symbol,) = said["symbols"]
    assert symbol.pop("score") <= 1
    assert symbol == {
        "name": "weite",
        "kind": "variable",
        "container": "",
        "language": "python",
        "path": "shop/till.py",
        "line": 6,
        "column": 8,
    }


def test_search_sees_what_changed_since(command: Command, workspace: Path) -> None:
    command("index")
    (workspace / "shop" / "new.py").write_text("class Voucher: ...\n")
    assert command("search", "Voucher", "--no-update").code == 1
    check_search(command, "Voucher", "shop/new.py:1:7  class  Voucher")


def test_without_an_index_nothing_is_answered_from_it(command: Command) -> None:
    told = command("search", "Voucher", "--no-update")
    assert told.code == 3
    assert "codanna-lsp index" in told.err


def test_a_limit_is_said(command: Command) -> None:
    told = command("search", "a", "--limit", "1")
    assert len(told.out.splitlines()) == 1
    assert "--limit" in told.err


def test_a_limit_holds_for_equal_names_too(workspace: Path, command: Command) -> None:
    for number in range(5):
        (workspace / f"shop{number}.py").write_text("def handler(): ...\n")
    told = command("search", "handler", "--limit", "2")
    assert len(told.out.splitlines()) == 2
    assert "more than 2 match" in told.err
    found = command("search", "handler", "--limit", "2", "--json").json
    assert len(found["symbols"]) == 2
    assert not found["complete"]


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        ("shop/till.py:1:25", "shop/basket.py:1:7  class  class ShoppingBasket:"),
        # Behind a character of two bytes: the column counts characters.
        (
            "shop/till.py:4:27",
            "shop/basket.py:4:9  method  def add_item(self, name: str) -> None: ...",
        ),
    ],
)
def test_definition(command: Command, place: str, expected: str) -> None:
    told = command("definition", place)
    assert told.out.strip() == expected, told.err
    assert told.code == 0


def test_definition_as_json(command: Command) -> None:
    said = command("definition", "shop/till.py:4:34", "--json").json
    (target,) = said["targets"]
    assert (target["path"], target["line"], target["column"]) == ("shop/till.py", 4, 5)
    assert target["end_column"] == 10
    assert said["step"] == "local"


@pytest.mark.parametrize(
    ("place", "code"),
    [
        ("shop/till.py:2:1", 1),
        ("shop/till.py:3:1000", 1),
        ("shop/till.py:999:1", 2),
        ("shop/till.py:0:1", 2),
        ("shop/till.py:3", 2),
        ("shop/till.py", 2),
        ("shop/none.py:1:1", 3),
        ("none/till.py:1:1", 3),
    ],
)
def test_places_without_an_answer(command: Command, place: str, code: int) -> None:
    told = command("definition", place)
    assert told.code == code, told.err
    assert told.out == ""
