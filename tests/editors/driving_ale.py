"""Vim with ALE in a terminal, with the configuration that docs/editors.md gives."""

from collections.abc import Sequence
from pathlib import Path

from tests.editors.driving_vim import VimLike
from tests.editors.project import Place, Project, command_file
from tests.editors.snippets import snippets
from tests.editors.terminal import until_it_holds

VIMRC = """
set nocompatible noswapfile viminfo= laststatus=2 statusline=%t:%l:%c hidden
packadd! ale
filetype plugin on
let g:ale_linters_explicit = 1
{documented}
"""

RUNS = 'job_status(v:val) ==# "run"'
SEEN_WITHIN_S = 1.0


class VimWithAle(VimLike):
    """Vim; ALE starts a server again when it needs it next."""

    ready = ""  # it shows no state of a server

    def start(
        self, project: Project, file: Path, *, command: Sequence[str] | None = None
    ) -> None:
        words = project.server if command is None else command
        vimrc = project.home / "vimrc"
        program = words[0] if len(words) == 1 else command_file(project.home, words)
        (documented,) = snippets("vim")
        assert "'codanna-lsp'" in documented
        named = documented.replace("'codanna-lsp'", f"'{program}'")
        vimrc.write_text(VIMRC.format(documented=named))
        self.terminal.start(
            [str(self.program), "-u", str(vimrc), str(file)],
            cwd=project.folder,
            environment=project.environment,
        )

    def search(self, query: str) -> None:
        self.command(f"ALESymbolSearch {query}")

    def close_search(self) -> None:
        self.command("pclose")

    def definition(self, place: Place) -> None:
        self.command(f"edit {place.file}")
        self.command(f"call cursor({place.line}, {place.column + 1})")
        self.command("ALEGoToDefinition")

    def start_server_again(self) -> None:
        """Open the file again, once Vim has seen that the server before has ended.

        Hearing of an end, ALE forgets the server that it has then: were that the next
        one already, it would start yet another beside it.
        """

        def none_runs() -> None:
            self.command(f"echo 'servers:' . len(filter(job_info(), '{RUNS}'))")
            self.terminal.wait_for("servers:0", within_s=SEEN_WITHIN_S)

        until_it_holds(none_runs)
        self.command("edit!")
