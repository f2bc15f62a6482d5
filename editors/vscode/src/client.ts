// Client: the language client of one server process, and what differs from its defaults.

import * as vscode from "vscode";
import {
  CloseAction,
  ErrorAction,
  LanguageClient,
  RevealOutputChannelOn,
  StreamMessageReader,
  StreamMessageWriter,
  type ClientCapabilities,
  type LanguageClientOptions,
  type StaticFeature,
} from "vscode-languageclient/node";
import type { Logs } from "./logs";
import type { ServerProcess } from "./serverProcess";
import { serverSettings } from "./settings";

/** What the editor calls the languages that the server knows. */
export const LANGUAGES = [
  "c",
  "cpp",
  "go",
  "java",
  "javascript",
  "javascriptreact",
  "python",
  "rust",
  "typescript",
  "typescriptreact",
];

export function makeClient(
  context: vscode.ExtensionContext,
  logs: Logs,
  process: ServerProcess,
): LanguageClient {
  const transports = {
    reader: new StreamMessageReader(process.output),
    writer: new StreamMessageWriter(process.input),
  };
  const options = optionsOf(context, logs, process);
  const client = new QuietClient("codanna", "Codanna", async () => transports, options);
  client.registerFeature(new ServerStatusFeature());
  return client;
}

/** What its base class would show beside the supervisor's own words goes to the log. */
class QuietClient extends LanguageClient {
  override error(message: string, data?: unknown): void {
    super.error(message, data, false);
  }
}

function optionsOf(
  context: vscode.ExtensionContext,
  logs: Logs,
  process: ServerProcess,
): LanguageClientOptions {
  return {
    documentSelector: LANGUAGES.map((language) => ({ scheme: "file", language })),
    outputChannel: logs.server,
    traceOutputChannel: logs.trace,
    revealOutputChannelOn: RevealOutputChannelOn.Never,
    initializationOptions: serverSettings(context.extension),
    synchronize: { configurationSection: "codanna" },
    // The supervisor decides what happens after an end, and says what is to be said.
    initializationFailedHandler: () => false,
    errorHandler: {
      error: () => {
        process.kill(); // a stream that broke once stays broken
        return { action: ErrorAction.Continue, handled: true };
      },
      closed: () => ({ action: CloseAction.DoNotRestart, handled: true }),
    },
    middleware: {
      workspace: {
        configuration: (params) => params.items.map(() => serverSettings(context.extension)),
      },
    },
  };
}

/** Announces that we show `experimental/serverStatus`. */
class ServerStatusFeature implements StaticFeature {
  fillClientCapabilities(capabilities: ClientCapabilities): void {
    const known = (capabilities.experimental ?? {}) as object;
    capabilities.experimental = { ...known, serverStatusNotification: true };
  }

  initialize(): void {}

  getState(): { kind: "static" } {
    return { kind: "static" };
  }

  clear(): void {}
}
