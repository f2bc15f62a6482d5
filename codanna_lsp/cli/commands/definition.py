"""`definition`: where the name at a place in a file is defined."""

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
    settings_from,
    workspace_around,
)
from codanna_lsp.cli.places import (
    GivenPlace,
    Lines,
    kind_name,
    path_from_here,
    read_place,
)
from codanna_lsp.cli.terminal import (
    data_console,
    one_line,
    print_json,
    print_remark,
)
from codanna_lsp.errors import QuestionError, WorkspaceError
from codanna_lsp.extraction.syntax import SyntaxTree
from codanna_lsp.languages.registry import language_of
from codanna_lsp.queries.definition import (
    DefinitionAnswer,
    DefinitionQuestion,
    Target,
    find_definition,
)


def definition(
    place: Annotated[
        str,
        typer.Argument(
            metavar="FILE:LINE:COLUMN",
            help="A place in a name, counted from 1, the column in characters.",
        ),
    ],
    *,
    root: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            readable=False,
            help="The workspace's folder.",
            show_default="the indexed one, or the repository, that the file lies in",
        ),
    ] = None,
    no_update: NoUpdateOption = False,
    setting: SettingOption = None,
    as_json: JsonOption = False,
) -> int:
    """Find where the name at a place in a file is defined."""
    settings = settings_from(setting)
    given = read_place(place)
    file = _real_file(given.file)
    folder = workspace_around(root or file.parent, settings)
    if not file.is_relative_to(folder):
        raise WorkspaceError(
            f"{given.file} does not lie in the workspace {folder}",
            path=file,
            advice="name a --root that holds the file",
        )
    path = file.relative_to(folder).as_posix()
    lines = Lines(folder, settings)
    asked = _question(path, given, lines)
    tree = parsed(path, lines)
    if tree is None:  # said before an index is made for it
        raise QuestionError(f"{given.file} is in no language that is known here")
    with open_for_questions(
        folder, settings, update=not no_update, asked=(path,)
    ) as view:
        answer = find_definition(
            view, asked, tree, read_tree=lambda other: parsed(other, lines)
        )
    if as_json:
        print_json(_to_json(answer, folder, lines))
    else:
        _print_lines(answer, folder, lines)
    if not answer.targets:
        print_remark(f"nothing is known of what stands at {place}")
    return exit_codes.OK if answer.targets else exit_codes.NOTHING


def parsed(path: str, lines: Lines) -> SyntaxTree | None:
    """The syntax tree of a file of the workspace; None when it has none."""
    text = lines.text(path)
    language = language_of(path, text)
    if language is None or not language.grammar:
        return None
    return SyntaxTree.parse(text, language)


def _real_file(file: Path) -> Path:
    try:
        file.stat()
        # The folder alone: a link in a workspace is known by its own path.
        return file.parent.resolve(strict=True) / file.name
    except (OSError, RuntimeError) as error:
        raise WorkspaceError(
            f"{file} cannot be opened: {getattr(error, 'strerror', None) or error}",
            path=file,
            advice="name a file that exists, as FILE:LINE:COLUMN",
        ) from error


def _question(path: str, given: GivenPlace, lines: Lines) -> DefinitionQuestion:
    if not lines.has(path, given.line - 1):
        raise QuestionError(
            f"{given.file} has no line {given.line}",
            advice="lines are counted from 1; only text files can be asked about",
        )
    column = lines.byte_column(path, given.line - 1, given.column)
    return DefinitionQuestion(path, given.line - 1, column)


def _print_lines(answer: DefinitionAnswer, root: Path, lines: Lines) -> None:
    console = data_console()
    for target in answer.targets:
        line, column = target.span.start_line, target.span.start_column
        code = lines.line(target.path, line).decode("utf-8", errors="replace").strip()
        console.print(
            Text.assemble(
                (
                    path_from_here(root, lines.shown(target.path, line, column)),
                    "cyan",
                ),
                "  ",
                (kind_name(target.kind), "dim"),
                "  ",
                one_line(code.expandtabs()),
            )
        )
    if len(answer.targets) > 1:
        print_remark("nothing here tells which of them is meant; the likeliest first")


def _to_json(answer: DefinitionAnswer, root: Path, lines: Lines) -> dict[str, Any]:
    def to_json(target: Target) -> dict[str, Any]:
        start_line, start_column, _, stop_column = target.span
        return {
            "path": target.path,
            "line": start_line + 1,
            "column": lines.column(target.path, start_line, start_column),
            "end_column": lines.column(target.path, start_line, stop_column),
            "kind": kind_name(target.kind),
            "confidence": target.confidence,
            "step": target.step,
        }

    targets = [to_json(target) for target in answer.targets]
    return {"root": str(root), "step": answer.step, "targets": targets}
