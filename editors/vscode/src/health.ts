// Health: what the server says of itself, kept fresh, and told to whoever shows it.

import * as vscode from "vscode";
import type { LanguageClient } from "vscode-languageclient/node";
import type { Supervisor } from "./supervisor";

const PARTIAL_PERIOD_MS = 700;
const QUIET_PERIOD_MS = 5_000;
/** Trouble with the place of the index: answers are right and nothing is damaged. */
const NO_DAMAGE = new Set(["IN_MEMORY", "NOT_DURABLE", "READER", "TOOK_OVER", "NEWER_FORMAT"]);

export interface Incident {
  readonly code: string;
  readonly severity: string;
  readonly message: string;
}

/** One workspace folder in the answer to `codanna/status`. */
export interface RootStatus {
  readonly name: string;
  readonly state: string;
  readonly reason: string;
  readonly mode: string;
  readonly folder: string;
  readonly generation: number;
  readonly serial: number;
  readonly files: number;
  readonly symbols: number;
  readonly partial: boolean;
  readonly pendingFiles: number;
  readonly verified: string;
  readonly bytesOnDisk: Readonly<Record<string, number>>;
  readonly holder: number | null;
  readonly watch: string;
  readonly watchTrouble: string;
  readonly skippedCount: number;
  readonly skipped: readonly { path: string; reason: string }[];
  readonly narrow: string;
  readonly hidden: string;
  readonly fallback: string;
  readonly incidents: readonly Incident[];
}

export interface Status {
  readonly version: string;
  readonly state: string;
  readonly files: number;
  readonly symbols: number;
  readonly partial: boolean;
  readonly roots: readonly RootStatus[];
}

/** The params of `experimental/serverStatus`. */
interface ServerStatus {
  readonly health: "ok" | "warning" | "error";
  readonly quiescent: boolean;
  readonly message?: string;
}

/** damage: what is damaged or being rebuilt, in words; "" when all is well. */
export interface Health {
  readonly phase: Supervisor["phase"];
  readonly status: Status | undefined;
  readonly severity: "ok" | "warning" | "error";
  readonly message: string;
  readonly damage: string;
}

export class HealthWatch implements vscode.Disposable {
  private readonly changes = new vscode.EventEmitter<Health>();
  readonly onDidChange = this.changes.event;
  private told: ServerStatus | undefined;
  private status: Status | undefined;
  private timer: NodeJS.Timeout | undefined;
  private readonly listening: vscode.Disposable[];

  constructor(private readonly supervisor: Supervisor) {
    this.listening = [
      supervisor.onDidChange(() => {
        this.status = undefined;
        if (supervisor.phase !== "running") {
          this.told = undefined; // what the next one tells may come before it counts as running
        }
        void this.refresh();
      }),
      vscode.window.onDidChangeWindowState(() => void this.refresh()),
    ];
  }

  /** Hear of a client's server status from its first message on. */
  listenTo(client: LanguageClient): void {
    client.onNotification("experimental/serverStatus", (told: ServerStatus) => {
      this.told = told;
      void this.refresh();
    });
  }

  get current(): Health {
    const { phase, trouble } = this.supervisor;
    if (phase === "failed") {
      return { phase, status: undefined, severity: "error", message: trouble, damage: "" };
    }
    const severity = this.told?.health ?? "ok";
    const message = this.told?.message ?? "";
    const isDamage = severity !== "ok" && !isOnlyThePlace(this.status);
    return { phase, status: this.status, severity, message, damage: isDamage ? message : "" };
  }

  /** Ask the server now; what it says comes by `onDidChange` as well. */
  async refresh(): Promise<Status | undefined> {
    clearTimeout(this.timer);
    const client = this.supervisor.served?.client;
    if (client !== undefined) {
      try {
        this.status = await client.sendRequest<Status>("codanna/status");
      } catch {
        this.status = undefined; // the server ends: its supervisor tells what follows
      }
      this.askLater();
    }
    this.changes.fire(this.current);
    return this.status;
  }

  dispose(): void {
    clearTimeout(this.timer);
    this.listening.forEach((one) => one.dispose());
    this.changes.dispose();
  }

  private askLater(): void {
    clearTimeout(this.timer);
    const isMoving = this.status?.partial !== false || this.current.severity !== "ok";
    if (isMoving) {
      this.timer = setTimeout(() => void this.refresh(), PARTIAL_PERIOD_MS);
    } else if (vscode.window.state.focused) {
      this.timer = setTimeout(() => void this.refresh(), QUIET_PERIOD_MS);
    }
  }
}

function isOnlyThePlace(status: Status | undefined): boolean {
  const roots = status?.roots ?? [];
  const grave = roots.flatMap((root) =>
    root.incidents.filter((incident) => incident.severity !== "info"),
  );
  return (
    grave.length > 0 &&
    grave.every((incident) => NO_DAMAGE.has(incident.code)) &&
    roots.every((root) => root.state !== "CORRUPTED")
  );
}
