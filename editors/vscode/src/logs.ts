// Logs: one channel for the extension, one for the server, one for their messages.

import * as vscode from "vscode";

export interface Logs extends vscode.Disposable {
  readonly client: vscode.LogOutputChannel;
  readonly server: vscode.LogOutputChannel;
  readonly trace: vscode.LogOutputChannel;
}

export function openLogs(): Logs {
  const client = vscode.window.createOutputChannel("Codanna (client)", { log: true });
  const server = vscode.window.createOutputChannel("Codanna (server)", { log: true });
  const trace = vscode.window.createOutputChannel("Codanna (trace)", { log: true });
  const levels = new vscode.EventEmitter<vscode.LogLevel>();
  const listening = vscode.workspace.onDidChangeConfiguration((event) => {
    if (event.affectsConfiguration("codanna.trace.server")) {
      levels.fire(traceLevel(trace));
    }
  });
  const opened = [client, server, trace, levels, listening];
  return {
    client,
    server,
    trace: followingSetting(trace, levels.event),
    dispose: () => opened.forEach((one) => one.dispose()),
  };
}

/**
 * The trace channel as the language client sees it. The client asks a channel's own
 * level whether to trace; here the setting `codanna.trace.server` decides as well.
 */
function followingSetting(
  channel: vscode.LogOutputChannel,
  levels: vscode.Event<vscode.LogLevel>,
): vscode.LogOutputChannel {
  return new Proxy(channel, {
    get(target, key) {
      if (key === "logLevel") {
        return traceLevel(target);
      }
      if (key === "onDidChangeLogLevel") {
        return levels;
      }
      if (key === "trace") {
        return (message: string) => target.info(message);
      }
      const value: unknown = Reflect.get(target, key);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

function traceLevel(channel: vscode.LogOutputChannel): vscode.LogLevel {
  const wanted = vscode.workspace.getConfiguration("codanna").get("trace.server", "off");
  return wanted === "off" ? channel.logLevel : vscode.LogLevel.Trace;
}
