"""Take the README's picture: run the real demonstration and draw what it prints.

    python tests/cli/record_demo.py

writes docs/pictures/demo.svg, and the same as text into README.md.
"""

import os
import re
import subprocess
import sys
from io import StringIO
from pathlib import Path

from rich.console import Console
from rich.text import Text

ROOT = Path(__file__).parents[2]
PICTURE = ROOT / "docs" / "pictures" / "demo.svg"
README = ROOT / "README.md"
PASTED = re.compile(r"```text\n\$ codanna-lsp demo\n.*?```", re.DOTALL)
COLUMNS = 100


def main() -> None:
    shown = subprocess.run(
        [sys.executable, "-m", "codanna_lsp", "demo"],
        env={**os.environ, "FORCE_COLOR": "1", "COLUMNS": str(COLUMNS)},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        check=True,
        text=True,
    ).stdout
    # Where Python is installed on this machine is nobody's business.
    library = str(Path(os.__file__).parent)
    shown = shown.replace(library, "/usr/lib/" + Path(library).name)
    console = Console(record=True, width=COLUMNS, file=StringIO())
    console.print(Text.from_ansi("$ codanna-lsp demo\n" + shown))
    PICTURE.parent.mkdir(parents=True, exist_ok=True)
    picture = console.export_svg(title="codanna-lsp demo", clear=False)
    # The reader's own fixed-width font will do; a picture asks no server for one.
    picture = re.sub(r"@font-face \{.*?\}\s*", "", picture, flags=re.DOTALL)
    PICTURE.write_text(picture, encoding="utf-8")
    text = Text.from_ansi(shown).plain.strip("\n")
    pasted = f"```text\n$ codanna-lsp demo\n\n{text}\n```"
    readme = README.read_text(encoding="utf-8")
    README.write_text(PASTED.sub(lambda _: pasted, readme), encoding="utf-8")


if __name__ == "__main__":
    main()
