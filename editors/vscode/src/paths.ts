// Paths: programs on disk, and what of them a workspace may not decide.

import * as fs from "node:fs";
import * as path from "node:path";
import * as vscode from "vscode";

const IS_WINDOWS = process.platform === "win32";
/** What stands behind a program's name; Node.js starts no `.cmd` without a shell. */
const SUFFIXES = IS_WINDOWS ? [".exe", ""] : [""];

/** Whether a file is there and may be run. */
export function isProgram(file: string): boolean {
  try {
    fs.accessSync(file, fs.constants.X_OK);
    return fs.statSync(file).isFile();
  } catch {
    return false;
  }
}

/** The program that an absolute path names, on Windows also without its `.exe`. */
export function findProgram(file: string): string | undefined {
  return path.isAbsolute(file) ? findIn(path.dirname(file), path.basename(file)) : undefined;
}

/** Where an interpreter's environment has its programs. */
export function foldersOfPrograms(python: string): string[] {
  const folder = path.dirname(python);
  return IS_WINDOWS ? [folder, path.join(folder, "Scripts")] : [folder];
}

export function findIn(folder: string, name: string): string | undefined {
  return SUFFIXES.map((suffix) => path.join(folder, name + suffix)).find(isProgram);
}

/** A program in an absolute folder of PATH: a relative one means the current folder. */
export function findOnPath(name: string): string | undefined {
  for (const folder of (process.env["PATH"] ?? "").split(path.delimiter)) {
    const found = path.isAbsolute(folder) ? findIn(folder, name) : undefined;
    if (found !== undefined && isAllowed(found)) {
      return found;
    }
  }
  return undefined;
}

/** Nothing inside a workspace is run before the user trusts it. */
export function isAllowed(program: string): boolean {
  return vscode.workspace.isTrusted || !isInWorkspace(program);
}

function isInWorkspace(file: string): boolean {
  const places = [file, realPath(file)].map(asCompared);
  return (vscode.workspace.workspaceFolders ?? []).some((folder) =>
    [folder.uri.fsPath, realPath(folder.uri.fsPath)]
      .map(asCompared)
      .some((root) => places.some((place) => place.startsWith(root + path.sep))),
  );
}

/** Windows and macOS do not tell capitals from small letters, in `C:` or elsewhere. */
function asCompared(file: string): string {
  return IS_WINDOWS || process.platform === "darwin" ? file.toLowerCase() : file;
}

function realPath(file: string): string {
  try {
    return fs.realpathSync(file);
  } catch {
    return file;
  }
}
