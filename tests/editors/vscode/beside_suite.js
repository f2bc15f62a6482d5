// Runs in VS Code's extension host, beside an extension with another server for Python.

const { becomes, definitions, runTests, set, symbols } = require("./asking.js");

const METHOD = "shop/basket.py:5";
const CLASS = "ShoppingBasket shop/basket.py:2";

const tests = {
  async "without settings both answer, and what they agree on comes once"() {
    await becomes(isOthersAnswered, true);
    await becomes(ours, [METHOD]);
    await becomes(common, [METHOD]);
    await becomes(found, [CLASS]);
  },

  async "with features all definitions are the other's"() {
    await set("features", { python: ["workspaceSymbol"] });
    await becomes(ours, []);
    await becomes(common, [METHOD]);
    await becomes(isOthersAnswered, true);
    await becomes(found, [CLASS]);
    await set("features", undefined);
    await becomes(ours, [METHOD]);
  },

  async "with fallbackOnly all of Python is the other's, and the rest ours"() {
    await set("fallbackOnly", ["python"]);
    await becomes(ours, []);
    await becomes(common, [METHOD]);
    await becomes(isOthersAnswered, true);
    await becomes(found, [CLASS]);
    await becomes(() => symbols("BasketView"), ["BasketView web/basketView.ts:1"]);
    await set("fallbackOnly", undefined);
  },
};

/** A method of what the other does not know the type of: only we have a guess. */
const ours = () => definitions("shop/guess.py", "add_item");
/** A function of Python's own library, of which we know nothing. */
const isOthersAnswered = async () => (await definitions("shop/guess.py", "join")).length > 0;
const common = () => definitions("shop/till.py", "add_item");
const found = () => symbols("ShoppingBasket");

exports.run = () => runTests(tests);
