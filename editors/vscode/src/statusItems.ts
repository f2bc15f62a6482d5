// Status items: a quiet word beside the language, and a coloured one only for damage.

import * as vscode from "vscode";
import { LANGUAGES } from "./client";
import type { Health, HealthWatch, Status } from "./health";

/** What is mended in a blink stays on show this long. */
const SHORTEST_SHOW_MS = 5_000;

export class StatusItems implements vscode.Disposable {
  private readonly language: vscode.LanguageStatusItem;
  private readonly alarm: vscode.StatusBarItem;
  private shownAt = 0;
  /** Whether what is being mended was lost as a whole. */
  private wasLost = false;
  private timer: NodeJS.Timeout | undefined;

  constructor(health: HealthWatch) {
    this.language = vscode.languages.createLanguageStatusItem("codanna.status", [
      ...LANGUAGES.map((language) => ({ language })),
    ]);
    this.language.name = "Codanna";
    this.language.command = { title: "Details", command: "codanna.indexStatus" };
    this.alarm = vscode.window.createStatusBarItem(
      "codanna.alarm",
      vscode.StatusBarAlignment.Left,
      100,
    );
    this.alarm.name = "Codanna: damage and repair";
    this.alarm.command = "codanna.showActions";
    health.onDidChange((now) => this.show(now));
    this.show(health.current);
  }

  dispose(): void {
    clearTimeout(this.timer);
    this.language.dispose();
    this.alarm.dispose();
  }

  private show(health: Health): void {
    const { LanguageStatusSeverity: Severity } = vscode;
    const words = wordsOf(health);
    this.language.text = `Codanna: ${words.text}`;
    this.language.detail = words.detail;
    this.language.busy = health.phase === "starting" || health.status?.partial === true;
    this.language.severity = { ok: Severity.Information, warning: Severity.Warning, error: Severity.Error }[
      health.severity
    ];
    this.showAlarm(health);
  }

  private showAlarm(health: Health): void {
    clearTimeout(this.timer);
    if (health.damage) {
      this.shownAt ||= Date.now();
      const isLost = health.severity === "error";
      this.wasLost ||= isLost;
      const files = health.status?.files ?? 0;
      this.alarm.text = isLost
        ? `$(sync~spin) Codanna: rebuilding the index (${files} files)`
        : this.wasLost
          ? `$(sync~spin) Codanna: checking the rebuilt index (${files} files)`
          : "$(warning) Codanna: index damaged, repairing";
      this.alarm.backgroundColor = new vscode.ThemeColor(
        isLost ? "statusBarItem.errorBackground" : "statusBarItem.warningBackground",
      );
      this.alarm.tooltip = tooltipOf(health.damage);
      this.alarm.show();
      return;
    }
    const left = this.shownAt + SHORTEST_SHOW_MS - Date.now();
    if (this.shownAt && left > 0) {
      this.alarm.text = `$(check) Codanna: index ${this.wasLost ? "rebuilt" : "repaired"}`;
      this.alarm.backgroundColor = undefined;
      this.timer = setTimeout(() => this.hideAlarm(), left);
    } else {
      this.hideAlarm();
    }
  }

  private hideAlarm(): void {
    this.shownAt = 0;
    this.wasLost = false;
    this.alarm.hide();
  }
}

function tooltipOf(damage: string): vscode.MarkdownString {
  const tooltip = new vscode.MarkdownString(undefined, true);
  tooltip.isTrusted = {
    enabledCommands: ["codanna.rebuildIndex", "codanna.indexStatus", "codanna.showServerLogs"],
  };
  tooltip.appendText(damage);
  tooltip.appendMarkdown(
    "\n\n[Rebuild](command:codanna.rebuildIndex) · " +
      "[Show details](command:codanna.indexStatus) · " +
      "[Show logs](command:codanna.showServerLogs)",
  );
  return tooltip;
}

function wordsOf(health: Health): { text: string; detail: string } {
  switch (health.phase) {
    case "failed":
      return { text: "not running", detail: health.message };
    case "stopped":
      return { text: "stopped", detail: "" };
    case "starting":
      return { text: "starting", detail: "" };
    case "running":
      return health.status === undefined
        ? { text: "starting", detail: "" }
        : { text: stateOf(health.status), detail: health.message || countsOf(health.status) };
  }
}

function stateOf(status: Status): string {
  if (status.roots.length === 0) {
    return "no folder, open files only";
  }
  if (status.state === "CORRUPTED") {
    return "rebuilding the index";
  }
  return status.partial && status.state === "READY" ? "comparing" : status.state.toLowerCase();
}

/** Files, symbols and generation, and whether answers are whole. */
export function countsOf(status: Status): string {
  const generations = status.roots.map((root) => root.generation).join(", ");
  const count = (number: number): string => number.toLocaleString("en-US");
  return (
    `${count(status.files)} files, ${count(status.symbols)} symbols, ` +
    `generation ${generations || "0"}, ${status.partial ? "partial" : "whole"}`
  );
}
