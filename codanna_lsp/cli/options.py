"""Arguments and options that several commands share, and what they turn into."""

import errno
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from codanna_lsp.errors import SettingsError, WorkspaceError
from codanna_lsp.languages.registry import check_languages
from codanna_lsp.settings import Settings
from codanna_lsp.store.holding.folder import folder_of
from codanna_lsp.workspace.walk import why_too_wide

FolderArgument = Annotated[
    Path | None,
    typer.Argument(
        metavar="[PATH]",
        readable=False,  # `folder_given` says it in words, and with its exit code
        help="The workspace's folder.",
        show_default="the current folder, or the indexed one that it lies in",
    ),
]
JsonOption = Annotated[
    bool, typer.Option("--json", help="Print JSON for programs instead of text.")
]
SettingOption = Annotated[
    list[str] | None,
    typer.Option(
        "--setting",
        "-s",
        metavar="KEY=VALUE",
        help="A setting as in an editor, e.g. maxFileSizeBytes=1000000; may be repeated.",
    ),
]
NoUpdateOption = Annotated[
    bool,
    typer.Option(
        "--no-update", help="Answer from the index as it is, however old it is."
    ),
]


def settings_from(given: Sequence[str] | None) -> Settings:
    """The defaults with `KEY=VALUE` laid over; a VALUE is JSON, or else a string.

    Raises:
        SettingsError: a key is unknown, or a value is not what it must be.
    """
    values: dict[str, Any] = {}
    for word in given or ():
        key, equals, text = word.partition("=")
        if not equals:
            raise SettingsError(
                f"--setting {word!r} has no value", key=key, advice="write KEY=VALUE"
            )
        try:
            values[key] = json.loads(text)
        except ValueError:
            values[key] = text
    folder = values.get("indexFolder")
    if folder and isinstance(folder, str) and not folder.startswith("~"):
        values["indexFolder"] = str(Path(folder).absolute())  # seen from here
    settings = Settings.from_json(values)
    check_languages(settings)
    return settings


def folder_given(path: Path) -> Path:
    """The real path of a folder that a user named.

    Raises:
        WorkspaceError: it does not exist or is no folder.
    """
    try:
        real = path.expanduser().resolve(strict=True)
    except (OSError, RuntimeError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise _cannot_open(path, reason) from error
    if not real.is_dir():
        raise WorkspaceError(
            f"{path} is a file, and a workspace is a folder",
            path=path,
            advice=f"name its folder: {path.parent}",
        )
    if not os.access(real, os.R_OK | os.X_OK):
        raise _cannot_open(path, os.strerror(errno.EACCES))
    return real


def _cannot_open(path: Path, reason: str) -> WorkspaceError:
    return WorkspaceError(
        f"the workspace {path} cannot be opened: {reason}",
        path=path,
        advice="name a folder that exists and that you may read",
    )


def workspace_around(place: Path | None, settings: Settings) -> Path:
    """The workspace that a user means by a place in it.

    That is the nearest folder from `place` upwards that has an index; where none has,
    the nearest with a `.git`; else the current folder, if the place lies in it; else
    the place itself. A folder that is never walked whole, as the home folder, is none
    of these for what lies in it: its index holds only what an editor opened.

    Raises:
        WorkspaceError: the place does not exist or is no folder.
    """
    start = folder_given(place or Path())
    around = (start, *(f for f in start.parents if not why_too_wide(f)))
    for folder in around:
        if folder_of(folder, settings).is_dir():
            return folder
    here = Path.cwd()
    fallback = here if here in around else start
    return next((f for f in around if (f / ".git").exists()), fallback)
