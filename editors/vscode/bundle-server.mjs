// Put the server and what it needs into bundled/libs, for a .vsix that brings its own:
//   npm run bundle-server [-- PYTHON]
// The result fits this machine's system and the minor version of that Python.

import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const python = process.argv[2] ?? "python3";
const libs = fileURLToPath(new URL("bundled/libs", import.meta.url));
const project = fileURLToPath(new URL("../..", import.meta.url));

rmSync(libs, { recursive: true, force: true });
mkdirSync(libs, { recursive: true });
execFileSync(python, ["-m", "pip", "install", "-q", "--no-compile", "--target", libs, project], {
  stdio: "inherit",
});
const version = "import sys; print('%d.%d' % sys.version_info[:2])";
writeFileSync(`${libs}/python-version`, execFileSync(python, ["-I", "-c", version]));
