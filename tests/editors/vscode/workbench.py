"""VS Code's window in a browser: what a user sees in it and does with it."""

import json
import os
import subprocess
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.editors.vscode.code_server import EXTENSION, PATIENCE_S, CodeServer

BRIDGE = Path(__file__).with_name("bridge.mjs")
PLAYWRIGHT = EXTENSION / "node_modules" / "playwright-core"

A_MOMENT_MS = 2_500

QUICK_INPUT = ".quick-input-widget input"
ROW = ".quick-input-list .monaco-list-row"
TOAST = ".notification-toast"
LINE = ".view-line"
ALARM = "#codanna\\.codanna-lsp\\.codanna\\.alarm"


class Workbench:
    """One browser page with VS Code in it; every step has a time limit.

    lost: what had to be typed again, because the focus was elsewhere.
    """

    def __init__(self, node: str, browser: str) -> None:
        self.lost: list[str] = []
        self.process = subprocess.Popen(
            [node, str(BRIDGE), str(PLAYWRIGHT), browser],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._answer()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.close()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()

    def does(self, step: str, **given: Any) -> Any:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps({"does": step, **given}) + "\n")
        self.process.stdin.flush()
        return self._answer(step, given)

    def _answer(self, *asked: Any) -> Any:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, f"the browser ended at {asked}"
        answer = json.loads(line)
        if "error" in answer:
            folder = os.environ.get("CODANNA_FAILURE_PICTURES")
            if folder and asked[0] != "shot":
                test = os.environ["PYTEST_CURRENT_TEST"].split("::")[-1]
                self.shot(Path(folder, test.split(" ")[0] + ".png"))
            raise AssertionError((asked, answer["error"]))
        return answer["answer"]

    def run_suite(
        self, code: CodeServer, folder: Path, suite: Path, *extensions: Path
    ) -> list[str]:
        """Run a test suite in the extension host; what it has to say when it failed."""
        payload = code.payload(
            *(("extensionDevelopmentPath", one) for one in extensions),
            ("extensionTestsPath", suite),
        )
        self.open(code.url(folder, payload=payload))
        told = self.does("finished", timeout=2 * PATIENCE_S * 1000)
        said = [line for line in told["told"] if "suite" in line or "rror" in line]
        return [] if told["code"] == 0 else [f"code {told['code']}", *said]

    # ---- what a user sees

    def wait_for(self, selector: str, *, gone: bool = False) -> None:
        self.does("wait", selector=selector, gone=gone, timeout=PATIENCE_S * 1000)

    def appears(self, selector: str) -> bool:
        """Whether it is there, or comes in a moment."""
        return bool(self.does("appears", selector=selector, timeout=A_MOMENT_MS))

    def wait_for_text(self, selector: str, text: str) -> None:
        # As CSS writes letters, and not as JSON escapes them.
        quoted = json.dumps(text, ensure_ascii=False)
        self.wait_for(f"{selector}:has-text({quoted})")

    def is_there(self, selector: str) -> bool:
        return bool(self.does("texts", selector=selector))

    def toasts(self) -> list[str]:
        return [text.replace("\n", " ") for text in self.does("texts", selector=TOAST)]

    def rows(self) -> list[str]:
        return list(self.does("labels", selector=ROW))

    def position(self) -> str:
        (text,) = self.does("texts", selector="#status\\.editor\\.selection")
        return str(text).partition("(")[0].strip()

    def wait_for_place(self, name: str, position: str) -> None:
        self.wait_for(f'.tab.active[aria-label*="{name}"]')
        self.wait_for_text("#status\\.editor\\.selection", position)

    # ---- what a user does

    def open(self, url: str) -> None:
        self.does("goto", url=url)
        self.wait_for(".monaco-workbench")

    def press(self, keys: str) -> None:
        self.does("press", keys=keys)

    def type(self, text: str) -> None:
        self.does("type", text=text)

    def click(self, selector: str) -> None:
        self.does("click", selector=selector)

    def press_button(self, place: str, label: str) -> None:
        """A button of a message or a dialog."""
        self.click(f"{place} .monaco-button:has-text({json.dumps(label)})")

    def fill(self, keys: str, text: str) -> bool:
        """Open the quick input by its keys and type; whether that came about.

        A key that comes while VS Code moves the focus is lost, and a quick input that
        loses the focus closes: both happen when an editor opens just then.
        """
        self.press(keys)
        return self.appears(QUICK_INPUT) and bool(
            self.does("fill", selector=QUICK_INPUT, text=text, timeout=A_MOMENT_MS)
        )

    def pick(self, keys: str, text: str, row: str) -> None:
        """In a quick input take the row that comes first; as often as a user would.

        A row without highlighted letters stood there before: Enter would take it.
        """
        deadline = time.monotonic() + PATIENCE_S
        wanted = f'{ROW}.focused[aria-label*="{row}"] .highlight'
        while not (
            self.fill(keys, text)
            and self.appears(wanted)
            and self.does("accept", selector=QUICK_INPUT)
        ):
            assert time.monotonic() < deadline, (text, self.rows())
            self.lost.append(text)
            self.press("Escape")
            self.wait_for(QUICK_INPUT, gone=True)
        self.wait_for(QUICK_INPUT, gone=True)

    def command(self, title: str) -> None:
        """A command by the palette; opened too early, it misses an extension's own."""
        self.pick("F1", f">{title}", title)

    def search(self, query: str, row: str) -> list[str]:
        """Our own symbol search, left open; its rows, the wanted one first."""
        deadline = time.monotonic() + PATIENCE_S
        while not (
            self.fill("Control+Alt+T", query)
            and self.appears(f'{ROW}.focused[aria-label*="{row}"]')
        ):
            assert time.monotonic() < deadline, (query, self.rows())
            self.lost.append(query)
            self.press("Escape")
        return self.rows()

    def open_file(self, name: str, line: int, column: int) -> None:
        self.pick("Control+P", f"{name}:{line}:{column}", name)
        self.wait_for_place(name, f"Ln {line}, Col {column}")

    def show_status(self) -> None:
        """The index status, which follows what it shows.

        It takes the focus when it comes: who goes on before that loses a key.
        """
        self.command("Codanna: Index Status")
        self.wait_for('.tab.active[aria-label*="index status"]')
        self.wait_for(LINE)

    def wait_until_ready(self) -> None:
        """The index status says that all is well; it is closed then."""
        self.show_status()
        self.wait_for_text(LINE, "READY")
        self.wait_for_text(LINE, "whole")
        self.press("Control+W")
        self.wait_for('.tab[aria-label*="index status"]', gone=True)

    def point_at_language_status(self, words: str) -> None:
        """Hold the mouse over the braces beside the language until this is shown."""
        deadline = time.monotonic() + PATIENCE_S
        while True:
            self.does("hover", selector="#status\\.languageStatus")
            if self.appears(f".hover-language-status:has-text({json.dumps(words)})"):
                return
            assert time.monotonic() < deadline, words
            self.does("hover", selector=LINE)

    def jump(self) -> None:
        """From the call in till.py to the method, as a user does."""
        self.open_file("till.py", 6, 30)
        self.press("F12")
        self.wait_for_place("basket.py", "Ln 5, Col 9")

    def dismiss_toasts(self) -> None:
        self.command("Notifications: Clear All Notifications")
        self.wait_for(TOAST, gone=True)

    def shot(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.does("shot", path=str(path))
