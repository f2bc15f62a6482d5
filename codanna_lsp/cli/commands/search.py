"""`search`: symbols by name, one a line, as `path:line:column  kind  name`."""

from glob import escape
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.text import Text

from codanna_lsp.cli import exit_codes
from codanna_lsp.cli.opening import open_for_questions
from codanna_lsp.cli.options import (
    JsonOption,
    NoUpdateOption,
    SettingOption,
    folder_given,
    settings_from,
    workspace_around,
)
from codanna_lsp.cli.places import Lines, kind_name, path_from_here
from codanna_lsp.cli.terminal import (
    data_console,
    one_line,
    print_json,
    print_remark,
)
from codanna_lsp.errors import QuestionError
from codanna_lsp.languages.registry import all_languages
from codanna_lsp.model.container import join_container
from codanna_lsp.model.symbol import SymbolFlag, SymbolKind
from codanna_lsp.queries.symbol_search import (
    MAX_LIMIT,
    SymbolMatch,
    SymbolQuestion,
    find_symbols,
)

_DEFAULT_LIMIT = 50


QueryArgument = Annotated[
    str,
    typer.Argument(
        metavar="QUERY",
        help="A name, the start of one, its capitals (tpe for ThreadPoolExecutor), or "
        "a qualified one (Shape.area).",
    ),
]
BelowOption = Annotated[
    Path | None,
    typer.Option(
        metavar="DIR",
        readable=False,
        help="Only what lies below this folder; its workspace is searched.",
        show_default="the current folder's whole workspace",
    ),
]
KindOption = Annotated[
    list[str] | None,
    typer.Option(help="Only this kind (class, function, ...); may be repeated."),
]
LanguageOption = Annotated[
    list[str] | None,
    typer.Option(help="Only this language (python, go, ...); may be repeated."),
]
LimitOption = Annotated[
    int, typer.Option(min=1, max=MAX_LIMIT, help="At most so many.")
]


def search(
    query: QueryArgument,
    *,
    path: BelowOption = None,
    kind: KindOption = None,
    lang: LanguageOption = None,
    limit: LimitOption = _DEFAULT_LIMIT,
    no_update: NoUpdateOption = False,
    setting: SettingOption = None,
    as_json: JsonOption = False,
) -> int:
    """Find symbols by name in the whole workspace."""
    settings = settings_from(setting)
    kinds = tuple(_kind_named(word) for word in kind or ())
    languages = tuple(_language_named(word) for word in lang or ())
    root = workspace_around(path, settings)
    below = ""
    if path is not None and folder_given(path) != root:
        # A pattern of whole paths: plain text would match in the middle of one.
        inner = folder_given(path).relative_to(root).as_posix()
        below = f"{escape(inner)}/*"
    with open_for_questions(root, settings, update=not no_update) as view:
        answer = find_symbols(
            view,
            SymbolQuestion(
                text=query,
                limit=limit,
                kinds=kinds,
                languages=languages,
                paths=(below,) if below else (),
            ),
        )
    lines = Lines(root, settings)
    # Equal names are never cut for an editor; who gives a number here means it.
    shown = answer.symbols[:limit]
    complete = answer.complete and len(shown) == len(answer.symbols)
    if as_json:
        symbols = [_to_json(match, lines) for match in shown]
        print_json({"root": str(root), "complete": complete, "symbols": symbols})
    else:
        _print_lines(shown, root, lines)
        if not complete:
            print_remark(f"more than {limit} match; --limit shows more of them")
    if not answer.symbols:
        print_remark(f"nothing matches {query!r:.200}")
    return exit_codes.OK if answer.symbols else exit_codes.NOTHING


def _print_lines(matches: tuple[SymbolMatch, ...], root: Path, lines: Lines) -> None:
    console = data_console()
    for match in matches:
        owner = f"{join_container(match.container, '.')}." if match.container else ""
        console.print(
            Text.assemble(
                (path_from_here(root, _place(match, lines)), "cyan"),
                "  ",
                (kind_name(match.kind), "dim"),
                "  ",
                one_line(owner),
                (one_line(match.name), "bold"),
            )
        )


def _place(match: SymbolMatch, lines: Lines) -> str:
    return f"{match.path}:{match.line + 1}:{_column(match, lines)}"


def _column(match: SymbolMatch, lines: Lines) -> int:
    if match.flags & SymbolFlag.WIDE:
        return lines.column(match.path, match.line, match.column)
    return match.column + 1


def _to_json(match: SymbolMatch, lines: Lines) -> dict[str, Any]:
    return {
        "name": match.name,
        "kind": kind_name(match.kind),
        "container": join_container(match.container, "."),
        "language": match.language,
        "path": match.path,
        "line": match.line + 1,
        "column": _column(match, lines),
        "score": round(match.score, 6),
    }


def _kind_named(word: str) -> int:
    plain = word.lower().replace("_", "").replace("-", "").replace(" ", "")
    names = {kind.name.lower().replace("_", ""): kind for kind in SymbolKind}
    if plain not in names:
        raise QuestionError(
            f"unknown kind {word!r}", advice="kinds: " + ", ".join(sorted(names))
        )
    return names[plain]


def _language_named(word: str) -> str:
    known = {language.id for language in all_languages()}
    if word.lower() not in known:
        raise QuestionError(
            f"unknown language {word!r}",
            advice="languages: " + ", ".join(sorted(known)),
        )
    return word.lower()
