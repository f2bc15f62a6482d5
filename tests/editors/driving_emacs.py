"""Emacs in a terminal with eglot, and our package as its users have it."""

import json
from collections.abc import Sequence
from pathlib import Path

from tests.editors.driving import shows_place
from tests.editors.project import Place, Project
from tests.editors.terminal import Terminal
from tests.tidy.tree import ROOT

PACKAGE_FOLDER = ROOT / "editors" / "emacs"

INIT = """\
;;; -*- lexical-binding: t -*-
(setq inhibit-startup-screen t make-backup-files nil create-lockfiles nil
      auto-save-default nil native-comp-async-report-warnings-errors nil
      confirm-kill-emacs nil confirm-kill-processes nil)
(menu-bar-mode -1)
(setq-default mode-line-format '("%b:%l:%c " mode-line-misc-info))
(when (< emacs-major-version 29)
  (require 'package)
  (package-initialize))
(add-to-list 'load-path {folder})
(require 'codanna-lsp)
(setq codanna-lsp-command '({command}))
(codanna-lsp-setup)
(add-hook 'python-mode-hook #'eglot-ensure)
{more}
"""


class Emacs:
    """Emacs, from 28 with the package eglot on."""

    ready = "codanna: ready"
    restarts = True

    def __init__(self, program: Path, terminal: Terminal) -> None:
        self.program = program
        self.terminal = terminal

    def start(
        self,
        project: Project,
        file: Path,
        *,
        command: Sequence[str] | None = None,
        more: str = "",
    ) -> None:
        init = project.home / "init.el"
        words = project.server if command is None else command
        init.write_text(
            INIT.format(
                folder=json.dumps(str(PACKAGE_FOLDER)),
                command=" ".join(map(json.dumps, words)),
                more=more,
            )
        )
        self.terminal.start(
            [str(self.program), "-nw", "-q", "-l", str(init), str(file)],
            cwd=project.folder,
            environment=project.environment,
        )

    def _quit(self) -> None:
        """Whatever was begun; waited for, since Emacs forgets the keys right behind it.

        Pressed again while nothing is said: a key is lost while Emacs is starting.
        """
        self.terminal.press_until("C-g", lambda screen: "Quit" in screen)

    def command(self, form: str) -> None:
        """M-: and a form."""
        self._quit()
        self.terminal.keys("M-:")
        self.terminal.type(form)
        self.terminal.keys("Enter")

    def search(self, query: str) -> None:
        self._quit()
        self.terminal.keys("M-x")
        self.terminal.type("xref-find-apropos")
        self.terminal.keys("Enter")
        self.terminal.type(query)
        self.terminal.keys("Enter")

    def close_search(self) -> None:
        self.command(
            '(ignore (mapc (lambda (b) (and (string-prefix-p "*xref" (buffer-name b)) (quit-windows-on b))) (buffer-list)))'
        )

    def definition(self, place: Place) -> None:
        self.command(
            f"(progn (find-file {json.dumps(str(place.file))}) (delete-other-windows)"
            f" (goto-char (point-min)) (forward-line {place.line - 1})"
            f" (move-to-column {place.column + 1}))"
        )
        self.terminal.wait_until(lambda s: self.is_at(s, place), f"{place}")
        self.terminal.keys("M-.")

    def is_at(self, screen: str, place: Place) -> bool:
        return shows_place(screen, place)

    def append_and_save(self, line: str) -> None:
        self.terminal.keys("M->", "Enter")
        self.terminal.type(line)
        self.terminal.keys("C-x", "C-s")

    def read_message(self) -> None:
        """It does not hold anything up."""

    def start_server_again(self) -> None:
        """Eglot does."""

    def leave(self) -> None:
        self.command("(kill-emacs)")
