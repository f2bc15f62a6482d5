// The extension: its parts put together, and what the editor's events mean for them.

import * as vscode from "vscode";
import { ShowMessageNotification, MessageType, type LanguageClient } from "vscode-languageclient/node";
import { HealthWatch, type Health } from "./health";
import { IndexCommands } from "./indexCommands";
import { openLogs, type Logs } from "./logs";
import { onInterpreterChange } from "./python";
import { needsRestart } from "./settings";
import { StatusItems } from "./statusItems";
import { Supervisor } from "./supervisor";
import { SymbolPick } from "./symbolPick";
import type { Trouble } from "./trouble";

const WALKTHROUGH = "codanna.codanna-lsp#codanna.start";

/** What other extensions, and the tests, can ask. */
export interface Api {
  health(): Health;
  serverProcessId(): number | undefined;
}

let supervisor: Supervisor | undefined;

export async function activate(context: vscode.ExtensionContext): Promise<Api> {
  const logs = openLogs();
  const prepare = (client: LanguageClient): void => {
    health.listenTo(client);
    tellOfDamage(client, index);
  };
  const supervised = new Supervisor(context, logs, prepare, (trouble) => void tell(trouble, logs));
  supervisor = supervised;
  const health = new HealthWatch(supervised);
  const index = new IndexCommands(supervised, health);
  const items = new StatusItems(health);
  context.subscriptions.push(logs, supervised, health, index, items, ...commands(logs, health, index));
  context.subscriptions.push(
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (needsRestart(event)) {
        void supervised.restart("its settings changed");
      }
    }),
    vscode.workspace.onDidGrantWorkspaceTrust(() => void supervised.restart("the workspace is trusted")),
    sayWhenRebuilt(health),
  );
  void onInterpreterChange(() => {
    if (supervised.served?.found.origin !== "the setting codanna.path") {
      void supervised.restart("another Python environment was selected");
    }
  }).then((listening) => context.subscriptions.push(listening));
  // Not awaited: commands of an extension that still activates would hang as well.
  void supervised.restart("the extension was activated");
  return {
    health: () => health.current,
    serverProcessId: () => supervised.served?.process.id,
  };
}

export async function deactivate(): Promise<void> {
  await supervisor?.stop();
}

function commands(logs: Logs, health: HealthWatch, index: IndexCommands): vscode.Disposable[] {
  const handlers: Record<string, (...given: never[]) => unknown> = {
    restartServer: () => supervisor?.restart("the user asked for it"),
    showServerLogs: () => logs.server.show(true),
    showClientLogs: () => logs.client.show(true),
    indexStatus: () => index.showStatus(),
    verifyIndex: () => index.verify(),
    repairIndex: () => index.repair(),
    rebuildIndex: () => index.rebuild(),
    clearIndex: () => index.clear(),
    showActions: () => index.showActions(),
    searchSymbols: (query?: string) => {
      new SymbolPick(supervisor!, health).show(typeof query === "string" ? query : "");
    },
  };
  return Object.entries(handlers).map(([name, handler]) =>
    vscode.commands.registerCommand(`codanna.${name}`, handler),
  );
}

/** Trouble with the server itself: one message, with what mends it. */
async function tell(trouble: Trouble, logs: Logs): Promise<void> {
  const chosen = await vscode.window.showErrorMessage(trouble.message, ...trouble.remedies);
  switch (chosen) {
    case "Open Settings":
      await vscode.commands.executeCommand("workbench.action.openSettings", "codanna.");
      break;
    case "How to Install":
      await vscode.commands.executeCommand("workbench.action.openWalkthrough", WALKTHROUGH);
      break;
    case "Restart Server":
      await supervisor?.restart("the user asked for it");
      break;
    case "Show Logs":
      logs.server.show(true);
      break;
  }
}

/** The server's own messages, with buttons where something was damaged. */
function tellOfDamage(client: LanguageClient, index: IndexCommands): void {
  client.onNotification(ShowMessageNotification.type, ({ type, message }) => {
    const text = message.replace(/^codanna-lsp:/, "Codanna:");
    if (type === MessageType.Error) {
      void vscode.window
        .showErrorMessage(text, "Show Details", "Rebuild", "Show Logs")
        .then((chosen) => index.follow(chosen));
    } else if (type === MessageType.Warning) {
      const isOfPlace = /cannot be (kept|written)|setting/.test(message);
      void vscode.window
        .showWarningMessage(text, "Show Details", isOfPlace ? "Open Settings" : "Show Logs")
        .then((chosen) => index.follow(chosen));
    } else {
      void vscode.window.showInformationMessage(text);
    }
  });
}

/** The end of what began with a message is a message too. */
function sayWhenRebuilt(health: HealthWatch): vscode.Disposable {
  let wasBroken = false;
  return health.onDidChange((now) => {
    if (now.phase !== "running" || now.status === undefined) {
      return;
    }
    if (now.status.state === "CORRUPTED") {
      wasBroken = true;
    } else if (wasBroken && !now.status.partial) {
      wasBroken = false;
      void vscode.window.showInformationMessage(
        `Codanna: the index is ready again: ${now.status.files} files, ${now.status.symbols} symbols.`,
      );
    }
  });
}
