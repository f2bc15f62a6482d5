// Settings: which keys are the extension's own, and what the server is told.

import * as os from "node:os";
import * as vscode from "vscode";

/** These say how the server is found and shown; all others are the server's. */
const OWN_KEYS = new Set(["path", "interpreter", "importStrategy", "trace.server"]);
/** Who of these changes needs another server process. */
const RESTARTING_KEYS = ["path", "interpreter", "importStrategy"];

export type ImportStrategy = "fromEnvironment" | "useBundled";

export function ours(): vscode.WorkspaceConfiguration {
  return vscode.workspace.getConfiguration("codanna");
}

export function needsRestart(event: vscode.ConfigurationChangeEvent): boolean {
  return RESTARTING_KEYS.some((key) => event.affectsConfiguration(`codanna.${key}`));
}

/**
 * Every setting of the server, with its default where nothing is set: one that is no
 * longer set must be told too.
 */
export function serverSettings(extension: vscode.Extension<unknown>): Record<string, unknown> {
  const settings: Record<string, unknown> = {};
  const config = ours();
  for (const key of declaredKeys(extension)) {
    if (!OWN_KEYS.has(key)) {
      settings[key] = config.get(key);
    }
  }
  return settings;
}

function declaredKeys(extension: vscode.Extension<unknown>): string[] {
  const manifest = extension.packageJSON as {
    contributes: { configuration: { properties: object } };
  };
  return Object.keys(manifest.contributes.configuration.properties).map((key) =>
    key.replace(/^codanna\./, ""),
  );
}

/** A path as a user writes it: `~` and the usual variables stand for folders. */
export function expandPath(text: string): string {
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath ?? "";
  return text
    .trim()
    .replace(/^~(?=$|[\\/])/, os.homedir())
    .replaceAll("${userHome}", os.homedir())
    .replaceAll("${workspaceFolder}", folder)
    .replace(/\$\{env:(\w+)\}/g, (_, name: string) => process.env[name] ?? "");
}
