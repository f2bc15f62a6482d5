// Python: the interpreter that the user selected, asked of the Python extension.

import { execFile } from "node:child_process";
import { promisify } from "node:util";
import * as vscode from "vscode";
import { findOnPath, findProgram } from "./paths";
import { expandPath, ours } from "./settings";
import { Trouble } from "./trouble";

const PYTHON_EXTENSION = "ms-python.python";
const ANSWER_LIMIT_MS = 10_000;
const PROBE_LIMIT_MS = 10_000;
const OLDEST = [3, 11] as const;

/** The part of the Python extension's API that is used here. */
interface PythonApi {
  readonly environments?: {
    getActiveEnvironmentPath(resource?: vscode.Uri): { path: string };
    resolveEnvironment(path: { path: string }): Promise<
      { executable: { uri?: vscode.Uri } } | undefined
    >;
    readonly onDidChangeActiveEnvironmentPath: vscode.Event<unknown>;
  };
}

/** The setting's interpreter, else the selected one; undefined when there is neither. */
export async function selectedInterpreter(): Promise<string | undefined> {
  const set = expandPath(ours().get("interpreter", ""));
  if (set) {
    return interpreterOf(set);
  }
  const environments = (await pythonApi())?.environments;
  if (!environments) {
    return undefined;
  }
  const resource = vscode.workspace.workspaceFolders?.[0]?.uri;
  const active = environments.getActiveEnvironmentPath(resource);
  const resolved = await within(environments.resolveEnvironment(active), ANSWER_LIMIT_MS);
  return resolved?.executable.uri?.fsPath;
}

function interpreterOf(set: string): string {
  const program = findProgram(set);
  if (program === undefined) {
    throw new Trouble(
      `Codanna: the setting codanna.interpreter names ${set}, which is no program here. ` +
        "Give the absolute path of a Python, or leave the setting empty.",
      ["Open Settings"],
    );
  }
  return program;
}

/** Calls back when another environment is selected. */
export async function onInterpreterChange(changed: () => void): Promise<vscode.Disposable> {
  const environments = (await pythonApi())?.environments;
  return environments?.onDidChangeActiveEnvironmentPath(changed) ?? { dispose() {} };
}

/** An interpreter that can run the bundled server, or why there is none. */
export async function interpreterForBundle(
  accepts: (program: string) => boolean,
): Promise<{ program: string; version: string } | string> {
  const candidates = [await selectedInterpreter(), findOnPath("python3"), findOnPath("python")];
  let reason = "no Python was found";
  for (const program of candidates) {
    if (program === undefined || !accepts(program)) {
      continue;
    }
    const version = await versionOf(program);
    if (version === undefined) {
      reason = `${program} does not run`;
      continue;
    }
    const [major = 0, minor = 0] = version.split(".").map(Number);
    if (major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1])) {
      return { program, version };
    }
    reason = `${program} is Python ${version}, and ${OLDEST.join(".")} or newer is needed`;
  }
  return reason;
}

async function versionOf(program: string): Promise<string | undefined> {
  const code = "import sys; print('%d.%d' % sys.version_info[:2])";
  try {
    // -I: nothing that lies in the current folder is imported.
    const { stdout } = await promisify(execFile)(program, ["-I", "-c", code], {
      timeout: PROBE_LIMIT_MS,
    });
    return stdout.trim();
  } catch {
    return undefined;
  }
}

async function pythonApi(): Promise<PythonApi | undefined> {
  const extension = vscode.extensions.getExtension<PythonApi>(PYTHON_EXTENSION);
  return extension && (await within(Promise.resolve(extension.activate()), ANSWER_LIMIT_MS));
}

/** What another extension promises, or undefined when it fails or takes too long. */
async function within<T>(promise: Promise<T>, limitMs: number): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), limitMs);
  });
  try {
    return await Promise.race([promise, late]);
  } catch {
    return undefined;
  } finally {
    clearTimeout(timer);
  }
}
