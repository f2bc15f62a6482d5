"""Emacs in a terminal with eglot, and our package as its users have it."""

import json
import os
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

from tests.editors.driving import shows_place
from tests.editors.project import Place, Project
from tests.editors.terminal import DEADLINE_S, Terminal, until_it_holds
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

;; What a test has done that no user would type: a form in a file, once for its number.
(defvar driven 0)
(defun drive ()
  (interactive)
  (if (> (minibuffer-depth) 0)
      (abort-minibuffers)
    (let ((asked (with-temp-buffer
                   (insert-file-contents {asked})
                   (read (current-buffer)))))
      (when (> (car asked) driven)
        (setq driven (car asked))
        (eval (cadr asked) t)
        (write-region (number-to-string driven) nil {done} nil 'silent)))))
(global-set-key [f9] #'drive)
"""
ANSWERED_WITHIN_S = 5.0  # by the minibuffer; then all is begun again


class Emacs:
    """Emacs, from 28 with the package eglot on."""

    ready = "codanna: ready"
    restarts = True

    def __init__(self, program: Path, terminal: Terminal) -> None:
        self.program = program
        self.terminal = terminal
        self._asked, self._done = Path(), Path()
        self._number = 0

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
        self._asked, self._done = project.home / "asked.el", project.home / "done"
        init.write_text(
            INIT.format(
                folder=json.dumps(str(PACKAGE_FOLDER)),
                command=" ".join(map(json.dumps, words)),
                more=more,
                asked=json.dumps(str(self._asked)),
                done=json.dumps(str(self._done)),
            )
        )
        self.terminal.start(
            [str(self.program), "-nw", "-q", "-l", str(init), str(file)],
            cwd=project.folder,
            environment=project.environment,
        )

    def batch(self, project: Project, form: str) -> str:
        """What Emacs says while it evaluates a form without a terminal."""
        packages = "(when (< emacs-major-version 29) (package-initialize))"
        told = subprocess.run(
            [self.program, "-q", "--batch", "--eval", packages, "--eval", form],
            env={**os.environ, **project.environment},
            capture_output=True,
            text=True,
            check=False,
            timeout=DEADLINE_S,
        )
        assert told.returncode == 0, told.stderr
        return told.stdout + told.stderr

    def do(self, form: str, happened: Callable[[], object] | None = None) -> None:
        """Have a form evaluated, out of whatever was begun.

        Not by C-g and M-: as Emacs forgets the keys right behind an error or a "Quit".
        """
        self._number += 1
        number = str(self._number)
        self._asked.write_text(f"({number} {form})")
        done = self._done
        self.terminal.press_until(
            ["F9"],
            happened or (lambda: done.exists() and done.read_text() == number),
            f"{form} done",
        )

    def command(self, name: str, **answers: str) -> None:
        """M-x and a command; answers: what to type, by the first word that asks."""

        def type_it() -> None:
            self.do("(ignore)")
            self.terminal.keys("M-x")
            for prompt, text in {"M-x": name, **answers}.items():
                self.terminal.type_in(text, at=prompt, within_s=ANSWERED_WITHIN_S)

        until_it_holds(type_it)

    def search(self, query: str) -> None:
        self.command("xref-find-apropos", Search=query)

    def close_search(self) -> None:
        self.do(
            '(mapc (lambda (b) (and (string-prefix-p "*xref" (buffer-name b))'
            " (quit-windows-on b))) (buffer-list))"
        )

    def definition(self, place: Place) -> None:
        self.do(
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
        self.terminal.wait_for(line)

        def is_saved() -> bool:
            screen = self.terminal.screen()
            return "Wrote" in screen or "No changes need" in screen

        self.terminal.press_until(["C-x", "C-s"], is_saved, "saved file")

    def read_message(self) -> None:
        """It does not hold anything up."""

    def start_server_again(self) -> None:
        """Eglot does."""

    def leave(self) -> None:
        self.do("(kill-emacs)", self.terminal.has_ended)
