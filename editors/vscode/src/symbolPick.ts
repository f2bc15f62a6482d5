// SymbolPick: symbols as the server ranks them, in a quick pick of our own.
//
// The built-in one (Ctrl+T) sends only the first word and sorts the answers again, so
// filters and qualified names are lost in it.

import * as path from "node:path";
import * as vscode from "vscode";
import { languageOfFile } from "./languages";
import type { HealthWatch, Status } from "./health";
import type { Supervisor } from "./supervisor";
import { wordsOf } from "./trouble";

const PARTIAL_PERIOD_MS = 1_000;
const PLACEHOLDER =
  "name, Class.method or a::b; then words of its path; kind:class lang:python path:src/ !tests";

/** A symbol as the server's workspace/symbol answers it. */
interface ServerSymbol {
  readonly name: string;
  readonly kind: number;
  readonly containerName?: string;
  readonly location: {
    readonly uri: string;
    readonly range: { start: Position; end: Position };
  };
}

interface Position {
  readonly line: number;
  readonly character: number;
}

interface SymbolItem extends vscode.QuickPickItem {
  readonly symbol?: ServerSymbol;
}

/** A filter with a button; `words` is what it adds to the query. */
interface Filter extends vscode.QuickInputButton {
  readonly icon: string;
  readonly label: string;
  readonly words: () => string;
}

const BESIDE: vscode.QuickInputButton = {
  iconPath: new vscode.ThemeIcon("split-horizontal"),
  tooltip: "Open to the side",
};

export class SymbolPick implements vscode.Disposable {
  private readonly pick = vscode.window.createQuickPick<SymbolItem>();
  private readonly active = new Set<string>();
  private readonly filters: readonly Filter[];
  private asking: vscode.CancellationTokenSource | undefined;
  private timer: NodeJS.Timeout | undefined;
  private readonly listening: vscode.Disposable;

  constructor(
    private readonly supervisor: Supervisor,
    private readonly health: HealthWatch,
  ) {
    const language = languageOfActive();
    this.filters = [
      filter("symbol-class", "Types only", () => "kind:type"),
      filter("symbol-method", "Functions and methods only", () => "kind:function kind:method"),
      filter("beaker-stop", "Without tests", () => "!tests"),
      ...(language ? [filter("file-code", `Only ${language}`, () => `lang:${language}`)] : []),
    ];
    const { pick } = this;
    // Else VS Code sorts by where the query stands in the label.
    (pick as { sortByLabel?: boolean }).sortByLabel = false;
    pick.placeholder = PLACEHOLDER;
    this.drawButtons();
    pick.onDidTriggerButton((button) => this.toggle(button as Filter));
    pick.onDidChangeValue(() => void this.ask());
    pick.onDidAccept(() => void this.open(pick.activeItems[0], vscode.ViewColumn.Active));
    pick.onDidTriggerItemButton(({ item }) => void this.open(item, vscode.ViewColumn.Beside));
    pick.onDidHide(() => this.dispose());
    this.listening = supervisor.onDidChange(() => void this.ask());
  }

  show(query = ""): void {
    this.pick.value = query;
    this.pick.show();
    void this.ask();
  }

  dispose(): void {
    clearTimeout(this.timer);
    this.asking?.cancel();
    this.listening.dispose();
    this.pick.dispose();
  }

  private toggle(chosen: Filter): void {
    if (!this.active.delete(chosen.label)) {
      this.active.add(chosen.label);
    }
    this.drawButtons();
    void this.ask();
  }

  private drawButtons(): void {
    const chosen = new vscode.ThemeColor("inputOption.activeForeground");
    this.pick.buttons = this.filters.map((one) => ({
      ...one,
      iconPath: new vscode.ThemeIcon(one.icon, this.active.has(one.label) ? chosen : undefined),
      tooltip: this.active.has(one.label) ? `${one.label} (on)` : one.label,
    }));
  }

  private async ask(): Promise<void> {
    clearTimeout(this.timer);
    this.asking?.cancel();
    const asking = (this.asking = new vscode.CancellationTokenSource());
    const client = this.supervisor.served?.client;
    if (client === undefined) {
      const { phase, trouble } = this.supervisor;
      const isComing = phase === "starting";
      this.say(isComing ? "The server is starting" : "The server is not running", trouble);
      this.pick.busy = isComing;
      return;
    }
    this.pick.busy = true;
    const chosen = this.filters.filter((one) => this.active.has(one.label));
    const query = [this.pick.value, ...chosen.map((one) => one.words())].join(" ").trim();
    try {
      const [found, status] = await Promise.all([
        client.sendRequest<ServerSymbol[] | null>("workspace/symbol", { query }, asking.token),
        this.health.refresh(),
      ]);
      if (!asking.token.isCancellationRequested) {
        this.draw(found ?? [], chosen, status);
      }
    } catch (error) {
      if (!asking.token.isCancellationRequested) {
        this.say("The search failed", error instanceof Error ? error.message : "");
      }
    }
  }

  private draw(
    found: readonly ServerSymbol[],
    chosen: readonly Filter[],
    status: Status | undefined,
  ): void {
    const { pick } = this;
    pick.busy = false;
    pick.title = ["Codanna: symbols", ...chosen.map((one) => one.label.toLowerCase())].join(", ");
    const items = found.map(itemOf);
    if (status?.partial) {
      const hint = `The index is partial: ${status.files} files so far; more may be found`;
      pick.title += ` — the index is partial (${status.files} files so far)`;
      items.push(remark("sync~spin", hint));
      this.timer = setTimeout(() => void this.ask(), PARTIAL_PERIOD_MS);
    } else if (items.length === 0) {
      items.push(remark("info", "No symbol matches"));
    }
    pick.keepScrollPosition = true;
    pick.items = items;
  }

  private say(label: string, detail: string): void {
    this.pick.busy = false;
    this.pick.items = [{ ...remark("info", label), ...(detail ? { detail } : {}) }];
  }

  private async open(item: SymbolItem | undefined, column: vscode.ViewColumn): Promise<void> {
    if (item?.symbol === undefined) {
      return;
    }
    const { uri, range } = item.symbol.location;
    const { line, character } = range.start;
    this.pick.hide();
    const selection = new vscode.Range(line, character, line, character);
    const shown = { selection, viewColumn: column };
    try {
      await vscode.window.showTextDocument(vscode.Uri.parse(uri), shown);
    } catch (error) {
      void vscode.window.showErrorMessage(`Codanna: ${uri} cannot be shown: ${wordsOf(error)}`);
    }
  }
}

function filter(icon: string, label: string, words: () => string): Filter {
  return { icon, label, words, iconPath: new vscode.ThemeIcon(icon), tooltip: label };
}

function itemOf(symbol: ServerSymbol): SymbolItem {
  const { line } = symbol.location.range.start;
  const uri = vscode.Uri.parse(symbol.location.uri);
  const place = `${vscode.workspace.asRelativePath(uri)}:${line + 1}`;
  return {
    label: `$(${iconOf(symbol.kind)}) ${symbol.name}`,
    description: symbol.containerName ? `${symbol.containerName} · ${place}` : place,
    alwaysShow: true, // the server has matched it, in ways that VS Code does not know
    buttons: [BESIDE],
    symbol,
  };
}

function remark(icon: string, label: string): SymbolItem {
  return { label: `$(${icon}) ${label}`, alwaysShow: true };
}

/** The product icon of an LSP symbol kind: they have the same names. */
function iconOf(kind: number): string {
  const name = vscode.SymbolKind[kind - 1] ?? "Variable";
  return `symbol-${name.replace(/(?<!^)[A-Z]/g, (letter) => `-${letter}`).toLowerCase()}`;
}

function languageOfActive(): string {
  const document = vscode.window.activeTextEditor?.document;
  const suffix = document ? path.extname(document.fileName) : "";
  return document && suffix ? languageOfFile(document.uri) : "";
}
