// Paths: programs on disk, and what of them a workspace may not decide.

import * as fs from "node:fs";
import * as path from "node:path";
import * as vscode from "vscode";

const SUFFIXES = process.platform === "win32" ? [".exe", ".cmd", ""] : [""];

/** Whether a file is there and may be run. */
export function isProgram(file: string): boolean {
  try {
    fs.accessSync(file, fs.constants.X_OK);
    return fs.statSync(file).isFile();
  } catch {
    return false;
  }
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
  const places = [file, realPath(file)];
  return (vscode.workspace.workspaceFolders ?? []).some((folder) =>
    [folder.uri.fsPath, realPath(folder.uri.fsPath)].some((root) =>
      places.some((place) => place.startsWith(root + path.sep)),
    ),
  );
}

function realPath(file: string): string {
  try {
    return fs.realpathSync(file);
  } catch {
    return file;
  }
}
