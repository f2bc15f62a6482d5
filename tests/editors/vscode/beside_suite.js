// Runs in VS Code's extension host, beside an extension with another server for Python.

const { becomes, definitions, runTests, set, symbols } = require("./asking.js");

const METHOD = "shop/basket.py:5";
const CLASS = "ShoppingBasket shop/basket.py:2";

const tests = {
  async "without settings both answer"() {
    await becomes(defined, [METHOD, METHOD]);
    await becomes(found, [CLASS, CLASS]);
  },

  async "with features a definition comes once, from the other"() {
    await set("features", { python: ["workspaceSymbol"] });
    await becomes(defined, [METHOD]);
    await becomes(found, [CLASS, CLASS]);
  },

  async "with features a symbol comes once, from the other"() {
    await set("features", { python: ["definition"] });
    await becomes(found, [CLASS]);
    await becomes(defined, [METHOD, METHOD]);
    await set("features", undefined);
  },

  async "with fallbackOnly all of Python is the other's, and the rest ours"() {
    await set("fallbackOnly", ["python"]);
    await becomes(defined, [METHOD]);
    await becomes(found, [CLASS]);
    await becomes(() => symbols("BasketView"), ["BasketView web/basketView.ts:1"]);
    await set("fallbackOnly", undefined);
  },
};

const defined = () => definitions("shop/till.py", "add_item");
const found = () => symbols("ShoppingBasket");

exports.run = () => runTests(tests);
