// ServerProcess: one run of the server, with its last words and how it ended.

import { spawn, type ChildProcessWithoutNullStreams } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { createInterface } from "node:readline";
import { Transform } from "node:stream";
import type * as vscode from "vscode";
import type { Found } from "./finding";
import { Frames } from "./frames";
import { Trouble, wordsOf } from "./trouble";

const LAST_WORDS = 5;
const MAX_WORDS_LENGTH = 400;
const END_LIMIT_MS = 3_000;

/** A folder that is there and that no workspace decides. */
function folderOfNobody(): string {
  const home = os.homedir();
  return fs.existsSync(home) ? home : path.parse(process.execPath).root;
}

export class ServerProcess {
  /** Rejects when the process ends or writes what is no message; never resolves. */
  readonly failure: Promise<never>;
  readonly ended: Promise<void>;
  /** Standard output, as far as it is messages. */
  readonly output: Transform;
  /** What is wrong with what it writes, "" when nothing is. */
  complaint = "";
  private fail: (reason: Error) => void = () => {};
  private readonly lastLines: string[] = [];
  private how = "";

  private constructor(
    private readonly child: ChildProcessWithoutNullStreams,
    log: vscode.LogOutputChannel,
  ) {
    this.failure = new Promise((_, reject) => (this.fail = reject));
    this.failure.catch(() => {}); // whoever waits for it hears of it
    this.output = child.stdout.pipe(this.checked());
    createInterface({ input: child.stderr }).on("line", (line) => {
      log.info(line);
      this.lastLines.push(line);
      this.lastLines.splice(0, this.lastLines.length - LAST_WORDS);
    });
    this.ended = new Promise((resolve) => {
      child.once("close", (code, signal) => {
        this.how = signal === null ? `exit code ${code}` : `signal ${signal}`;
        this.fail(new Error(`it ended with ${this.how}${this.lastWords}`));
        resolve();
      });
    });
    child.stdin.on("error", () => {}); // a dead process's pipe: `ended` tells of it
  }

  /** Start the program in a folder that no workspace decides; throws Trouble. */
  static async start(found: Found, log: vscode.LogOutputChannel): Promise<ServerProcess> {
    const child = spawn(found.command, found.args, {
      cwd: folderOfNobody(),
      env: { ...process.env, ...found.env },
    });
    const started = new ServerProcess(child, log);
    try {
      await new Promise<void>((resolve, reject) => {
        child.once("spawn", resolve);
        child.once("error", reject);
      });
    } catch (error) {
      throw new Trouble(
        `Codanna: ${found.command} could not be started (${wordsOf(error)}). ` +
          "Install codanna-lsp anew, or correct codanna.path.",
        ["How to Install", "Open Settings"],
      );
    }
    return started;
  }

  get input(): NodeJS.WritableStream {
    return this.child.stdin;
  }

  get id(): number | undefined {
    return this.child.pid;
  }

  /** How it ended, for a sentence; "" while it runs. */
  get ending(): string {
    return this.how && (this.complaint || `${this.how}${this.lastWords}`);
  }

  /** Wait for it to end, and see to it that it does. */
  async end(): Promise<void> {
    const timer = setTimeout(() => this.child.kill("SIGKILL"), END_LIMIT_MS);
    await this.ended;
    clearTimeout(timer);
  }

  kill(): void {
    this.child.kill("SIGKILL");
  }

  private get lastWords(): string {
    const last = this.lastLines.at(-1);
    return last ? `: ${last.slice(0, MAX_WORDS_LENGTH)}` : "";
  }

  /** Pass on whole messages only; what is none ends the process, with its first words. */
  private checked(): Transform {
    const frames = new Frames();
    return new Transform({
      transform: (chunk: Buffer, _, done) => {
        if (this.complaint) {
          done();
          return;
        }
        const wrong = frames.add(chunk);
        if (wrong !== undefined) {
          this.complaint = `what it writes is no message: ${JSON.stringify(wrong)}`;
          this.fail(new Error(this.complaint));
          this.kill();
          done();
          return;
        }
        done(null, chunk);
      },
    });
  }
}
