// What runs in VS Code's extension host: its own commands, asked as other extensions do.
//
// SUITE_* in the environment say where the project lies and what is looked for.

const assert = require("node:assert");
const fs = require("node:fs");
const vscode = require("vscode");
const { definitions, open, runTests, set, symbols, until } = require("./asking.js");

const tests = {
  async "definition across files"() {
    const found = await definitions("shop/till.py", "add_item");
    assert.deepStrictEqual(found, ["shop/basket.py:5"]);
  },

  async "symbols of the workspace"() {
    assert.deepStrictEqual(await symbols("ShoppingBasket"), ["ShoppingBasket shop/basket.py:2"]);
  },

  async "unsaved text counts"() {
    const document = await open("shop/till.py");
    const edit = new vscode.WorkspaceEdit();
    edit.insert(document.uri, new vscode.Position(0, 0), "class Unsaved: pass\n");
    await vscode.workspace.applyEdit(edit);
    assert.deepStrictEqual(await symbols("Unsaved"), ["Unsaved shop/till.py:1"]);
    await vscode.commands.executeCommand("undo");
    assert.deepStrictEqual(await symbols("Unsaved"), []);
  },

  async "settings count at once"() {
    await set("exclude", ["shop/basket.py"]);
    await until("excluded", async () => (await symbols("add_item")).length === 0);
    await set("exclude", undefined);
    await until("there again", async () => (await symbols("add_item")).length === 1);
  },

  async "beside another provider a definition comes once"() {
    // Its answer lies elsewhere, so that VS Code does not take the two for one.
    const other = vscode.languages.registerDefinitionProvider("typescript", {
      provideDefinition: (document) => new vscode.Location(document.uri, new vscode.Position(0, 0)),
    });
    const asked = () => definitions("web/page.ts", "BasketView()");
    await until("both answer", async () => (await asked()).length === 2);
    await set("fallbackOnly", ["typescript"]);
    await until("the other answers alone", async () => (await asked()).length === 1);
    assert.deepStrictEqual(await asked(), ["web/page.ts:1"]);
    assert.deepStrictEqual(await symbols("BasketView"), []);
    assert.deepStrictEqual(await definitions("shop/till.py", "add_item"), ["shop/basket.py:5"]);
    await set("fallbackOnly", undefined);
    await set("features", { python: ["workspaceSymbol"] });
    await until(
      "no definition",
      async () => (await definitions("shop/till.py", "add_item")).length === 0,
    );
    assert.strictEqual((await symbols("ShoppingBasket")).length, 1);
    await set("features", undefined);
    other.dispose();
  },

  async "a feature that was off at the start can be put on"() {
    await set("features", { "*": ["workspaceSymbol"] });
    await vscode.commands.executeCommand("codanna.restartServer");
    const asked = () => definitions("shop/till.py", "add_item");
    await until("off", async () => (await asked()).length === 0);
    await until("searched", async () => (await symbols("ShoppingBasket")).length === 1);
    await set("features", undefined);
    await until("on", async () => (await asked()).length === 1);
  },

  async "many restarts are one"(api) {
    const before = fs.readFileSync(process.env.SUITE_STARTS, "utf8").length;
    await Promise.all(
      Array.from({ length: 5 }, () => vscode.commands.executeCommand("codanna.restartServer")),
    );
    await until("running", () => api.serverProcessId() !== undefined);
    const started = (fs.readFileSync(process.env.SUITE_STARTS, "utf8").length - before) / 8;
    assert(started <= 2, `${started} servers were started`);
  },

  async "the commands of the index answer"(api) {
    await until("served", () => api.health().status?.state === "READY");
    for (const command of ["verifyIndex", "repairIndex", "rebuildIndex", "indexStatus"]) {
      await vscode.commands.executeCommand(`codanna.${command}`);
    }
    const shown = vscode.window.activeTextEditor.document;
    assert.strictEqual(shown.uri.scheme, "codanna");
    assert.match(shown.getText(), /state +READY/);
  },
};

exports.run = () => runTests(tests);
