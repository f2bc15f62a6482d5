// Finding: which program is the server, and what to say when there is none.

import * as fs from "node:fs";
import * as path from "node:path";
import * as vscode from "vscode";
import { findIn, findOnPath, findProgram, foldersOfPrograms, isAllowed } from "./paths";
import { interpreterForBundle, selectedInterpreter } from "./python";
import { expandPath, ours, type ImportStrategy } from "./settings";
import { Trouble } from "./trouble";

const NAME = "codanna-lsp";

/** How to start the server; `origin` is said in the log and in the status. */
export interface Found {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly origin: string;
}

/**
 * The server: the setting's, then the selected Python environment's, then PATH's, then
 * the bundled one, which comes second when `codanna.importStrategy` is `useBundled`.
 *
 * Throws Trouble that names every place that was looked in.
 */
export async function findServer(context: vscode.ExtensionContext): Promise<Found> {
  const set = expandPath(ours().get("path", ""));
  if (set) {
    return fromSetting(set);
  }
  const places = [fromEnvironment, fromPath, () => fromBundle(context)];
  if (ours().get<ImportStrategy>("importStrategy") === "useBundled") {
    places.unshift(places.pop()!);
  }
  const looked: string[] = [];
  for (const place of places) {
    const found = await place();
    if (typeof found !== "string") {
      return found;
    }
    looked.push(found);
  }
  throw new Trouble(
    `Codanna: the server ${NAME} was not found: ${looked.join("; ")}. ` +
      "Install it with pip or pipx and restart the server, or set codanna.path to the program.",
    ["How to Install", "Restart Server", "Open Settings"],
  );
}

function fromSetting(set: string): Found {
  const program = findProgram(set);
  if (program === undefined) {
    throw new Trouble(
      `Codanna: the setting codanna.path names ${set}, which is no program here. ` +
        `Give the absolute path of ${NAME}, or leave the setting empty.`,
      ["Open Settings"],
    );
  }
  return { command: program, args: [], env: {}, origin: "the setting codanna.path" };
}

async function fromEnvironment(): Promise<Found | string> {
  const python = await selectedInterpreter();
  if (python === undefined) {
    return "no Python environment is selected";
  }
  const program = foldersOfPrograms(python)
    .map((folder) => findIn(folder, NAME))
    .find((found) => found !== undefined && isAllowed(found));
  if (program === undefined) {
    return `it is not in the environment of ${python}`;
  }
  return { command: program, args: [], env: {}, origin: "the selected Python environment" };
}

function fromPath(): Found | string {
  const program = findOnPath(NAME);
  return program === undefined
    ? "it is not on PATH"
    : { command: program, args: [], env: {}, origin: "PATH" };
}

async function fromBundle(context: vscode.ExtensionContext): Promise<Found | string> {
  const libs = path.join(context.extensionPath, "bundled", "libs");
  if (!fs.existsSync(path.join(libs, "codanna_lsp"))) {
    return "this build of the extension brings no copy";
  }
  const python = await interpreterForBundle(isAllowed);
  if (typeof python === "string") {
    return `the bundled copy cannot run (${python})`;
  }
  const built = builtFor(libs);
  if (built !== undefined && built !== python.version) {
    return `the bundled copy is for Python ${built}, and ${python.program} is ${python.version}`;
  }
  return {
    command: python.program,
    args: ["-m", "codanna_lsp"],
    // Safe path: a module of that name in the current folder is not run instead.
    env: { PYTHONPATH: libs, PYTHONSAFEPATH: "1", PYTHONNOUSERSITE: "1" },
    origin: "the bundled copy",
  };
}

/** The Python that the bundle's compiled parts were made for, as "3.12". */
function builtFor(libs: string): string | undefined {
  try {
    return fs.readFileSync(path.join(libs, "python-version"), "utf8").trim();
  } catch {
    return undefined;
  }
}
