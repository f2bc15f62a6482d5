"""What `codanna.path` can name: our server recorded, and servers that are no good."""

import json
import shutil
import site
import sys
import zipfile
from pathlib import Path
from textwrap import dedent
from typing import Any

from tests.tidy.tree import PACKAGE

TEE = Path(__file__).with_name("traffic_tee.py")

# Damage is done before the server starts: one that runs would mend its files at once.
_OURS = """
import ctypes, os, sys
from pathlib import Path

{first}
home = Path({home!r})
order = home / "damage"
if order.exists():
    for path in (home / "cache").rglob(order.read_text()):
        if path.is_file() and path.name != "writer.lock":
            path.write_bytes(b"\\xff" * len(path.read_bytes()))
    order.unlink()
(home / "starts").open("a").write("started\\n")
os.execv(
    sys.executable,
    [sys.executable, {tee!r}, str(home / "traffic.jsonl"), sys.executable, "-m", "codanna_lsp"],
)
"""

# PR_CAPBSET_DROP, CAP_DAC_OVERRIDE: the program that comes next has it no more.
_NO_OVERRIDE = "ctypes.CDLL(None).prctl(24, 1, 0, 0, 0)"

_ANSWERS_ONCE = """
import json, sys

def read():
    length = 0
    while (line := sys.stdin.buffer.readline()).strip():
        if line.lower().startswith(b"content-length:"):
            length = int(line.split(b":")[1])
    return json.loads(sys.stdin.buffer.read(length))

result = {{"capabilities": {{}}, "serverInfo": {info!r}}}
body = json.dumps({{"jsonrpc": "2.0", "id": read()["id"], "result": result}}).encode()
sys.stdout.buffer.write(b"Content-Length: %d\\r\\n\\r\\n%b" % (len(body), body))
sys.stdout.buffer.flush()
"""
_ENDS = "sys.exit('out of luck')\n"
# The extension asks this when it has seen the server start.
_ENDS_LATER = "while read().get('method') != 'codanna/status': pass\n" + _ENDS
_PRINTS_LATER = """
while read().get("method") != "codanna/status": pass
print("oops", flush=True)
sys.stdout.buffer.write(b"Content-Length: 2\\r\\n\\r\\n{}")
sys.stdout.buffer.flush()
sys.stdin.buffer.read()
"""
_STAYS = "sys.stdin.buffer.read()\n"
_TELLS_AT_ONCE = """
import json, sys

def read():
    length = 0
    while (line := sys.stdin.buffer.readline()).strip():
        if line.lower().startswith(b"content-length:"):
            length = int(line.split(b":")[1])
    return json.loads(sys.stdin.buffer.read(length) or "null")

def framed(**message):
    body = json.dumps({"jsonrpc": "2.0", **message}).encode()
    return b"Content-Length: %d\\r\\n\\r\\n%b" % (len(body), body)

info = {"name": "codanna-lsp", "version": "0.1.0"}
result = {"capabilities": {}, "serverInfo": info}
told = {"health": "warning", "quiescent": False, "message": "shop: bad bytes"}
said = framed(method="experimental/serverStatus", params=told)
status = {"version": "0.1.0", "state": "READY", "files": 5, "symbols": 9,
          "partial": False, "roots": []}
sys.stdout.buffer.write(framed(id=read()["id"], result=result) + said)
sys.stdout.buffer.flush()
while message := read():
    if "id" in message:
        sys.stdout.buffer.write(framed(id=message["id"], result=status))
        sys.stdout.buffer.flush()
"""


def write_program(path: Path, text: str) -> Path:
    """A program in Python for the interpreter that runs the tests."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!{sys.executable}\n{text}", encoding="utf-8")
    path.chmod(0o755)
    return path


def our_server(path: Path, home: Path, *, obeys_permissions: bool = False) -> Path:
    """Our server; its messages are kept in `home`, a line in `starts` for each start.

    obeys_permissions: what may not be written cannot be written, by the root user too.
    """
    first = _NO_OVERRIDE if obeys_permissions else ""
    code = _OURS.format(first=first, home=str(home), tee=str(TEE))
    return write_program(path, code)


def damage_before_start(home: Path, pattern: str) -> None:
    """The next start of our server finds these files of the index damaged."""
    (home / "damage").write_text(pattern, encoding="utf-8")


def starts(home: Path) -> int:
    """How often our server was started."""
    record = home / "starts"
    return len(record.read_text("utf-8").splitlines()) if record.exists() else 0


def bad_servers(folder: Path) -> dict[str, tuple[Path, str]]:
    """Programs that do not serve, each with the words that tell of it."""

    def answering(version: str, then: str, name: str = "codanna-lsp") -> str:
        info = {"name": name, "version": version}
        return _ANSWERS_ONCE.format(info=info) + then

    programs = {
        "too old": (answering("0.0.9", _STAYS), "is codanna-lsp 0.0.9, and this"),
        "another": (answering("9.9", _STAYS, "other"), "is not codanna-lsp but other"),
        "crashing at start": (
            "import sys\nsys.exit('no module named tantivy')\n",
            "ended with exit code 1: no module named tantivy",
        ),
        "printing": ("import sys\nprint('hello', flush=True)\n" + _STAYS, "no message"),
        # Its start is over or is not, as chance has it.
        "crashing while it starts": (
            answering("0.1.0", _ENDS),
            "exit code 1: out of luck",
        ),
        "printing later": (
            answering("0.1.0", _PRINTS_LATER),
            'ended 5 times within three minutes (what it writes is no message: "oops',
        ),
        "crashing in a loop": (
            answering("0.1.0", _ENDS_LATER),
            "ended 5 times within three minutes (exit code 1: out of luck)",
        ),
    }
    return {
        name: (write_program(folder / name.replace(" ", "-"), text), words)
        for name, (text, words) in programs.items()
    }


def hasty_server(path: Path) -> Path:
    """It tells of damage together with its answer to `initialize`, and never again."""
    return write_program(path, _TELLS_AT_ONCE)


def fake_python_extension(path: Path, choice: Path) -> Path:
    """A .vsix in the place of the Python extension; `choice` holds the interpreter."""
    code = f"""
        const vscode = require("vscode"), fs = require("fs");
        const changes = new vscode.EventEmitter();
        const read = () => fs.existsSync({json.dumps(str(choice))})
          ? fs.readFileSync({json.dumps(str(choice))}, "utf8") : "";
        exports.activate = (context) => {{
          context.subscriptions.push(vscode.commands.registerCommand(
            "fakePython.choose", () => changes.fire({{}})));
          return {{ environments: {{
            getActiveEnvironmentPath: () => ({{ path: read() }}),
            resolveEnvironment: async ({{ path }}) => path
              ? {{ executable: {{ uri: vscode.Uri.file(path) }} }} : undefined,
            onDidChangeActiveEnvironmentPath: changes.event,
          }} }};
        }};
    """
    manifest: dict[str, Any] = {
        "name": "python",
        "publisher": "ms-python",
        "version": "2026.1.0",
        "engines": {"vscode": "^1.91.0"},
        "main": "./main.js",
        "activationEvents": ["onStartupFinished"],
        "contributes": {
            "commands": [
                {"command": "fakePython.choose", "title": "Choose Fake Python"}
            ]
        },
    }
    listed = (
        '<PackageManifest Version="2.0.0" '
        'xmlns="http://schemas.microsoft.com/developer/vsx-schema/2011"><Metadata>'
        '<Identity Language="en-US" Id="python" Version="2026.1.0" Publisher="ms-python"/>'
        "</Metadata><Installation>"
        '<InstallationTarget Id="Microsoft.VisualStudio.Code"/></Installation></PackageManifest>'
    )
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr("extension.vsixmanifest", listed)
        packed.writestr("extension/package.json", json.dumps(manifest))
        packed.writestr("extension/main.js", dedent(code))
    return path


def take_servers_away(home: Path) -> None:
    """No server is found any more: not in an environment, on PATH, or in a bundle."""
    for place in (home / "bin", home / "env", bundle_of(home / "extensions")):
        shutil.rmtree(place, ignore_errors=True)
    (home / "chosen-python").unlink(missing_ok=True)


def bundle_of(extensions: Path) -> Path:
    (installed,) = extensions.glob("codanna.codanna-lsp-*")
    return installed / "bundled"


def make_bundle(extensions: Path) -> None:
    """What `npm run bundle-server` makes, out of what the tests run with."""
    libs = bundle_of(extensions) / "libs"
    libs.mkdir(parents=True)
    for place in map(Path, site.getsitepackages()):
        for entry in place.iterdir():
            if not (libs / entry.name).exists():
                (libs / entry.name).symlink_to(entry)
    if not (libs / "codanna_lsp").exists():
        (libs / "codanna_lsp").symlink_to(PACKAGE)


def virtual_files_extension(folder: Path) -> Path:
    """An extension's folder; it keeps files in memory, below `tests-memory:/`."""
    code = """
        const vscode = require("vscode");
        const TEXT = Buffer.from("class InMemory: pass\\n");
        const { File, Directory } = vscode.FileType;
        const kindOf = (uri) => uri.path.endsWith("/till.py") ? File : Directory;
        const provider = {
          onDidChangeFile: new vscode.EventEmitter().event,
          watch: () => ({ dispose() {} }),
          stat: (uri) => ({ type: kindOf(uri), ctime: 0, mtime: 0, size: TEXT.length }),
          readDirectory: () => [["till.py", File]],
          readFile: () => TEXT,
        };
        for (const change of ["createDirectory", "writeFile", "delete", "rename"]) {
          provider[change] = (uri) => { throw vscode.FileSystemError.NoPermissions(uri); };
        }
        exports.activate = (context) => {
          context.subscriptions.push(
            vscode.workspace.registerFileSystemProvider("tests-memory", provider));
        };
    """
    manifest: dict[str, Any] = {
        "name": "virtual-files",
        "publisher": "tests",
        "version": "1.0.0",
        "engines": {"vscode": "^1.91.0"},
        "main": "./main.js",
        "activationEvents": ["onFileSystem:tests-memory"],
        "capabilities": {"virtualWorkspaces": True},
    }
    folder.mkdir()
    (folder / "main.js").write_text(dedent(code), encoding="utf-8")
    (folder / "package.json").write_text(json.dumps(manifest), encoding="utf-8")
    return folder
