// What the suites in the extension host ask of VS Code, and how they wait for it.

const assert = require("node:assert");
const { isDeepStrictEqual } = require("node:util");
const vscode = require("vscode");

const PATIENCE_MS = 60_000;

/** Start the extension and run the tests one after the other. */
exports.runTests = async (tests) => {
  const extension = vscode.extensions.getExtension("codanna.codanna-lsp");
  assert(extension, "the extension is installed");
  const api = await extension.activate();
  await until("ready", () => {
    const { status } = api.health();
    return status?.state === "READY" && !status.partial;
  });
  for (const [name, test] of Object.entries(tests)) {
    console.log(`suite: ${name}`);
    await test(api);
  }
};

const until = (exports.until = async (what, holds) => {
  const deadline = Date.now() + PATIENCE_MS;
  while (!(await holds())) {
    assert(Date.now() < deadline, `never ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
});

/** Ask again and again until the answer is this. */
exports.becomes = async (ask, wanted) => {
  const deadline = Date.now() + PATIENCE_MS;
  while (!isDeepStrictEqual(await ask(), wanted) && Date.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  assert.deepStrictEqual(await ask(), wanted);
};

exports.set = (key, value) => {
  const { Workspace } = vscode.ConfigurationTarget;
  return vscode.workspace.getConfiguration("codanna").update(key, value, Workspace);
};

const open = (exports.open = async (name) => {
  const [folder] = vscode.workspace.workspaceFolders;
  const document = await vscode.workspace.openTextDocument(vscode.Uri.joinPath(folder.uri, name));
  await vscode.window.showTextDocument(document);
  return document;
});

function place(uri, range) {
  return `${vscode.workspace.asRelativePath(uri)}:${range.start.line + 1}`;
}

/** The symbols of exactly this name, each as "name file:line". */
exports.symbols = async (query) => {
  const asked = "vscode.executeWorkspaceSymbolProvider";
  const found = await vscode.commands.executeCommand(asked, query);
  return found
    .filter((one) => one.name === query)
    .map((one) => `${one.name} ${place(one.location.uri, one.location.range)}`);
};

/** The definitions of the last such word in a file, each as "file:line". */
exports.definitions = async (name, word) => {
  const document = await open(name);
  const at = document.positionAt(document.getText().lastIndexOf(word) + 1);
  const asked = "vscode.executeDefinitionProvider";
  const found = await vscode.commands.executeCommand(asked, document.uri, at);
  return found.map((one) => place(one.targetUri ?? one.uri, one.targetSelectionRange ?? one.range));
};
