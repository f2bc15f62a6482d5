// Index commands: what the user can ask of the index by hand, and how the answer is told.

import * as vscode from "vscode";
import type { Health, HealthWatch, RootStatus } from "./health";
import { countsOf } from "./statusItems";
import type { Supervisor } from "./supervisor";
import { wordsOf } from "./trouble";

const STATUS_URI = vscode.Uri.parse("codanna:/Codanna%20index%20status");

interface Verified {
  readonly root: string;
  readonly problems: readonly string[];
}

interface Repaired {
  readonly root: string;
  readonly repaired: boolean;
}

interface Rebuilt {
  readonly root: string;
  readonly added: number;
  readonly changed: number;
  readonly unchanged: number;
}

export class IndexCommands implements vscode.TextDocumentContentProvider, vscode.Disposable {
  private readonly changes = new vscode.EventEmitter<vscode.Uri>();
  readonly onDidChange = this.changes.event;
  private readonly listening: vscode.Disposable;
  private readonly provided = vscode.workspace.registerTextDocumentContentProvider("codanna", this);

  constructor(
    private readonly supervisor: Supervisor,
    private readonly health: HealthWatch,
  ) {
    this.listening = health.onDidChange(() => this.changes.fire(STATUS_URI));
  }

  dispose(): void {
    this.listening.dispose();
    this.provided.dispose();
    this.changes.dispose();
  }

  provideTextDocumentContent(): string {
    return describe(this.health.current, this.supervisor);
  }

  async showStatus(): Promise<void> {
    // At once: it takes the focus, and a slow server must not make that a surprise.
    await vscode.window.showTextDocument(STATUS_URI, { preview: true });
    await this.health.refresh();
  }

  async verify(): Promise<void> {
    const found = await this.ask<Verified[]>("codanna.verify", "checking every byte of the index");
    const problems = found?.flatMap((root) => root.problems) ?? [];
    if (found === undefined) {
      return;
    }
    if (problems.length === 0) {
      void vscode.window.showInformationMessage("Codanna: the index is whole.");
      return;
    }
    const chosen = await vscode.window.showWarningMessage(
      `Codanna: the index is damaged: ${problems.slice(0, 3).join("; ")}.`,
      "Repair",
      "Rebuild",
    );
    if (chosen !== undefined) {
      await (chosen === "Repair" ? this.repair() : this.rebuild());
    }
  }

  async repair(): Promise<void> {
    const done = await this.ask<Repaired[]>("codanna.repair", "repairing the index");
    if (done?.every((root) => root.repaired)) {
      void vscode.window.showInformationMessage(
        "Codanna: both stores of the index were written anew, and every source was compared.",
      );
    } else if (done !== undefined) {
      const chosen = await vscode.window.showWarningMessage(
        "Codanna: the index could not be written. See the server's log, or rebuild it.",
        "Rebuild",
        "Show Logs",
      );
      await this.follow(chosen);
    }
  }

  async rebuild(): Promise<void> {
    const done = await this.ask<Rebuilt[]>("codanna.rebuild", "rebuilding the index");
    if (done !== undefined) {
      const files = done.reduce((sum, root) => sum + root.added + root.changed + root.unchanged, 0);
      void vscode.window.showInformationMessage(
        `Codanna: the index was rebuilt from ${files} files.`,
      );
    }
  }

  async clear(): Promise<void> {
    const chosen = await vscode.window.showWarningMessage(
      "Clear Codanna's index of this workspace?",
      { modal: true, detail: "The sources are not touched; the index is built anew at once." },
      "Clear",
    );
    if (chosen !== "Clear") {
      return;
    }
    if ((await this.ask("codanna.clean", "clearing the index")) !== undefined) {
      void vscode.window.showInformationMessage("Codanna: the index was cleared and is built anew.");
    }
  }

  /** The actions of the coloured status item. */
  async showActions(): Promise<void> {
    const chosen = await vscode.window.showQuickPick(
      ["Rebuild", "Show Details", "Show Logs", "Repair", "Verify"],
      { placeHolder: this.health.current.damage || "What to do with the index" },
    );
    await this.follow(chosen);
  }

  /** Do what a button says. */
  async follow(chosen: string | undefined): Promise<void> {
    const actions: Record<string, () => unknown> = {
      Rebuild: () => this.rebuild(),
      Repair: () => this.repair(),
      Verify: () => this.verify(),
      "Show Details": () => this.showStatus(),
      "Show Logs": () => vscode.commands.executeCommand("codanna.showServerLogs"),
      "Open Settings": () =>
        vscode.commands.executeCommand("workbench.action.openSettings", "codanna."),
    };
    await (chosen === undefined ? undefined : actions[chosen]?.());
  }

  private async ask<T>(command: string, doing: string): Promise<T | undefined> {
    const client = this.supervisor.served?.client;
    if (client === undefined) {
      void vscode.window.showErrorMessage(
        this.supervisor.trouble || "Codanna: the server is not running. Restart it first.",
      );
      return undefined;
    }
    const bar = { location: vscode.ProgressLocation.Notification, title: `Codanna: ${doing}` };
    try {
      return await vscode.window.withProgress(bar, () =>
        client.sendRequest<T>("workspace/executeCommand", { command, arguments: [] }),
      );
    } catch (error) {
      void vscode.window.showErrorMessage(`Codanna: ${doing} failed: ${wordsOf(error)}`);
      return undefined;
    } finally {
      void this.health.refresh();
    }
  }
}

function describe(health: Health, supervisor: Supervisor): string {
  const { status, message } = health;
  const served = supervisor.served;
  if (status === undefined || served === undefined) {
    const phase = health.phase === "failed" ? "not running" : health.phase;
    return `The server is ${phase}.\n${message}\n`;
  }
  const lines = [
    `Codanna ${served.version}, process ${served.process.id}`,
    `program    ${served.found.command} (from ${served.found.origin})`,
    `index      ${countsOf(status)}`,
    `health     ${health.severity}${message ? `: ${message}` : ""}`,
  ];
  if (status.roots.length === 0) {
    lines.push("", "No folder is open: only what stands in open files is known.");
  }
  return [...lines, ...status.roots.flatMap(describeRoot), ""].join("\n");
}

function describeRoot(root: RootStatus): string[] {
  const bytes = Object.values(root.bytesOnDisk).reduce((sum, size) => sum + size, 0);
  const lines = [
    "",
    root.name,
    `  state        ${root.state}${root.reason ? `: ${root.reason}` : ""}`,
    `  answers      ${root.partial ? "partial" : "whole"}`,
    `  files        ${root.files}`,
    `  symbols      ${root.symbols}`,
    `  generation   ${root.generation}, last transaction ${root.serial}`,
    `  verified     ${root.verified}`,
    `  kept         ${root.mode}${root.folder ? `, ${root.folder}` : ""}`,
    `  on disk      ${(bytes / 1e6).toFixed(1)} MB`,
    `  watched by   ${root.watch}${root.watchTrouble ? `: ${root.watchTrouble}` : ""}`,
  ];
  for (const remark of [root.narrow, root.hidden, root.fallback]) {
    lines.push(...(remark ? [`  note         ${remark}`] : []));
  }
  lines.push(...section("what happened", root.incidents.map((one) => one.message)));
  const left = root.skipped.map((file) => `${file.path}: ${file.reason}`);
  return [...lines, ...section(`left out (${root.skippedCount} files)`, left)];
}

function section(title: string, rows: readonly string[]): string[] {
  return rows.length ? [`  ${title}`, ...rows.map((row) => `    ${row}`)] : [];
}
