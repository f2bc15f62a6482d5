// Supervisor: one server at a time, started, watched, and started again within limits.

import * as vscode from "vscode";
import type { LanguageClient } from "vscode-languageclient/node";
import { makeClient } from "./client";
import { findServer, type Found } from "./finding";
import type { Logs } from "./logs";
import { ServerProcess } from "./serverProcess";
import { Trouble, wordsOf } from "./trouble";

const START_LIMIT_MS = 30_000;
const LAST_BREATH_MS = 500;
const MAX_CRASHES = 4;
const CRASH_PERIOD_MS = 180_000;
const OLDEST_VERSION = "0.1.0";

export type Phase = "stopped" | "starting" | "running" | "failed";

/** A server that serves. */
export interface Served {
  readonly client: LanguageClient;
  readonly process: ServerProcess;
  readonly found: Found;
  readonly version: string;
}

export class Supervisor implements vscode.Disposable {
  private readonly changes = new vscode.EventEmitter<Phase>();
  readonly onDidChange = this.changes.event;
  phase: Phase = "stopped";
  /** Why there is no server, in the words that the user was told; "" else. */
  trouble = "";
  served: Served | undefined;
  private work: Promise<void> = Promise.resolve();
  private isQueued = false;
  /** The process of a start that is under way. */
  private starting: ServerProcess | undefined;
  /** Nobody waits any longer for the start that is under way. */
  private isAbandoned = false;
  private crashes: number[] = [];

  constructor(
    private readonly context: vscode.ExtensionContext,
    private readonly logs: Logs,
    private readonly prepare: (client: LanguageClient) => void,
    private readonly tell: (trouble: Trouble) => void,
  ) {}

  /** Start the server, or another in its place; one waiting restart is enough. */
  restart(why: string): Promise<void> {
    if (!this.isQueued) {
      this.isQueued = true;
      this.abandonStart();
      this.work = this.work.then(async () => {
        this.isQueued = this.isAbandoned = false;
        this.logs.client.info(`The server is started: ${why}.`);
        this.crashes = [];
        await this.stopNow();
        await this.startNow();
      });
    }
    return this.work;
  }

  /** End the server for good. */
  stop(): Promise<void> {
    this.abandonStart();
    this.work = this.work.then(() => this.stopNow());
    return this.work;
  }

  dispose(): void {
    this.changes.dispose();
  }

  private async startNow(): Promise<void> {
    this.become("starting");
    try {
      const served = await this.begin();
      this.served = served;
      this.logs.client.info(
        `codanna-lsp ${served.version} serves (${served.found.command}, from ${served.found.origin}).`,
      );
      this.become("running");
      void served.process.ended.then(() => this.crashed(served));
    } catch (error) {
      if (this.isAbandoned) {
        return; // another start follows, or the end
      }
      const trouble = error instanceof Trouble ? error : new Trouble(
        `Codanna: the server could not be started (${wordsOf(error)}).`,
        ["Restart Server", "Show Logs"],
      );
      this.giveUp(trouble);
    }
  }

  private abandonStart(): void {
    this.isAbandoned = true;
    this.starting?.kill();
  }

  private async begin(): Promise<Served> {
    const found = await findServer(this.context);
    const process = await ServerProcess.start(found, this.logs.server);
    this.starting = process;
    if (this.isAbandoned) {
      process.kill();
    }
    const client = makeClient(this.context, this.logs, process);
    this.prepare(client);
    try {
      const late = limit(START_LIMIT_MS, `it did not answer within ${START_LIMIT_MS / 1000} s`);
      await Promise.race([client.start(), process.failure, late.reached]).finally(late.cancel);
      const version = checkedVersion(client, found);
      return { client, process, found, version };
    } catch (error) {
      const reason = await reasonOf(error, process);
      process.kill();
      await process.ended;
      client.dispose().catch(() => {}); // its connection died with the process
      if (error instanceof Trouble) {
        throw error;
      }
      throw new Trouble(
        `Codanna: ${found.command} does not serve: ${reason}. ` +
          "Install codanna-lsp anew or correct codanna.path, then restart the server.",
        ["Restart Server", "Show Logs", "Open Settings"],
      );
    } finally {
      this.starting = undefined;
    }
  }

  private async stopNow(): Promise<void> {
    const served = this.served;
    this.served = undefined;
    if (served !== undefined) {
      await served.client.dispose(2_000).catch((error: unknown) => {
        this.logs.client.debug(`The client did not end well: ${wordsOf(error)}`);
      });
      await served.process.end();
    }
    this.become("stopped");
  }

  private crashed(served: Served): void {
    if (this.served !== served) {
      return; // it was stopped, or another has taken its place
    }
    this.served = undefined;
    served.client.dispose().catch(() => {});
    const now = Date.now();
    this.crashes = [...this.crashes.filter((at) => now - at < CRASH_PERIOD_MS), now];
    const ending = served.process.ending;
    if (this.crashes.length > MAX_CRASHES) {
      this.giveUp(
        new Trouble(
          `Codanna: the server ended ${this.crashes.length} times within three minutes ` +
            `(${ending}) and is not started again. The index is safe; look at the ` +
            "server's log, then restart the server.",
          ["Restart Server", "Show Logs"],
        ),
      );
      return;
    }
    this.logs.client.warn(`The server ended (${ending}) and is started again.`);
    this.work = this.work.then(async () => {
      if (this.served === undefined && this.phase !== "stopped") {
        await this.startNow();
      }
    });
  }

  private giveUp(trouble: Trouble): void {
    this.logs.client.error(trouble.message);
    this.trouble = trouble.message;
    this.become("failed");
    this.tell(trouble);
  }

  private become(phase: Phase): void {
    if (phase !== "failed") {
      this.trouble = "";
    }
    this.phase = phase;
    this.changes.fire(phase);
  }
}

/** Why a start failed: the end of a connection is heard before that of its process. */
async function reasonOf(error: unknown, process: ServerProcess): Promise<string> {
  const late = limit(LAST_BREATH_MS, "");
  await Promise.race([process.ended, late.reached]).catch(() => {});
  late.cancel();
  if (process.complaint) {
    return process.complaint;
  }
  return process.ending ? `it ended with ${process.ending}` : wordsOf(error);
}

function checkedVersion(client: LanguageClient, found: Found): string {
  const info = client.initializeResult?.serverInfo;
  if (info?.name !== "codanna-lsp") {
    throw new Trouble(
      `Codanna: ${found.command} is not codanna-lsp but ${info?.name ?? "another program"}. ` +
        "Correct codanna.path.",
      ["Open Settings"],
    );
  }
  const version = info.version ?? "0";
  if (isOlder(version, OLDEST_VERSION)) {
    throw new Trouble(
      `Codanna: ${found.command} is codanna-lsp ${version}, and this extension needs ` +
        `${OLDEST_VERSION} or newer. Upgrade it with pip or pipx, then restart the server.`,
      ["How to Install", "Restart Server"],
    );
  }
  return version;
}

function isOlder(version: string, oldest: string): boolean {
  const [given, wanted] = [version, oldest].map((text) => text.split(".").map((part) => parseInt(part, 10) || 0));
  for (let place = 0; place < wanted!.length; place++) {
    const difference = (given![place] ?? 0) - wanted![place]!;
    if (difference !== 0) {
      return difference < 0;
    }
  }
  return false;
}

function limit(ms: number, words: string): { reached: Promise<never>; cancel: () => void } {
  let timer: NodeJS.Timeout;
  const reached = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(words)), ms);
  });
  reached.catch(() => {});
  return { reached, cancel: () => clearTimeout(timer) };
}
