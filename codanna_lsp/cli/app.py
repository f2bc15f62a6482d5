"""Every command by its name, and the one place where trouble becomes words and a code.

Invariant: expected trouble is a sentence, what to do, and an exit code; a traceback
means a bug of ours.
"""

import os
import sys
import traceback
from collections.abc import Callable, Sequence
from functools import wraps
from importlib.metadata import version
from typing import Annotated

import typer

from codanna_lsp.cli import exit_codes
from codanna_lsp.cli.commands.clean import clean
from codanna_lsp.cli.commands.definition import definition
from codanna_lsp.cli.commands.demo import demo
from codanna_lsp.cli.commands.index import index
from codanna_lsp.cli.commands.repair import repair
from codanna_lsp.cli.commands.search import search
from codanna_lsp.cli.commands.status import status
from codanna_lsp.cli.commands.verify import verify
from codanna_lsp.cli.terminal import prepare_streams, print_error
from codanna_lsp.errors import CodannaError

_COMMANDS: tuple[Callable[..., int], ...] = (
    index,
    search,
    definition,
    status,
    verify,
    repair,
    clean,
    demo,
)

app = typer.Typer(
    name="codanna-lsp",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="An editor starts the server as `codanna-lsp`, without a command.",
)


def run(arguments: Sequence[str]) -> int:
    """Carry out one command line; its exit code."""
    prepare_streams()
    try:
        app(args=list(arguments), prog_name="codanna-lsp")
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else exit_codes.NOTHING
    except CodannaError as error:
        print_error(error.message, error.advice)
        return exit_codes.exit_code_of(error)
    except KeyboardInterrupt:
        print_error("interrupted; what was committed so far is kept")
        return exit_codes.INTERRUPTED
    except BrokenPipeError:
        # Whoever read our output has seen enough: nothing is left to flush to.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return exit_codes.OK
    except OSError as error:
        print_error(f"the system refused: {error}")
        return exit_codes.FOLDER
    except Exception:  # noqa: BLE001 - the last resort of a process
        traceback.print_exc()
        print_error(
            "this is a bug in codanna-lsp",
            "please report it, with the lines above and what you did",
        )
        return exit_codes.BUG
    return exit_codes.OK


def _print_version(asked: bool) -> None:  # noqa: FBT001 - typer calls it so
    if asked:
        print(f"codanna-lsp {version('codanna-lsp')}")
        raise typer.Exit


@app.callback()
def options(
    *,
    show_version: Annotated[
        bool,
        typer.Option(
            "--version",
            help="Print the version and leave.",
            callback=_print_version,
            is_eager=True,
        ),
    ] = False,
) -> None:
    """A language server that knows a whole workspace, and its index on the terminal."""
    del show_version


@app.command()
def serve(
    *,
    tcp: Annotated[
        str, typer.Option(metavar="HOST:PORT", help="Listen there instead.")
    ] = "",
    allow_remote: Annotated[
        bool,
        typer.Option("--allow-remote", help="Allow a HOST that others can reach."),
    ] = False,
) -> None:
    """Serve an editor on standard input and output: what no command at all does."""
    given = [f"--tcp={tcp}"] if tcp else ["--stdio"]
    given += ["--allow-remote"] if allow_remote else []
    os.execv(sys.executable, [sys.executable, "-m", "codanna_lsp", *given])  # noqa: S606 - no shell is wanted


def _leaving(command: Callable[..., int]) -> Callable[..., None]:
    @wraps(command)
    def run_and_leave(*arguments: object, **options: object) -> None:
        raise typer.Exit(command(*arguments, **options))

    return run_and_leave


for _command in _COMMANDS:
    app.command()(_leaving(_command))
