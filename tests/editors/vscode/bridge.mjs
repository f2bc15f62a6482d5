// A bridge between a test and VS Code in a browser: one JSON command a line in, one
// JSON answer a line out. The test says what is pressed and what it waits for.

import { createRequire } from "node:module";
import { createInterface } from "node:readline";

const [playwright, browser] = process.argv.slice(2);
const { chromium } = createRequire(import.meta.url)(playwright);
const chrome = await chromium.launch({
  executablePath: browser,
  args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--force-color-profile=srgb"],
});
const context = await chrome.newContext({ viewport: { width: 1100, height: 640 } });
const page = await context.newPage();
const told = [];
let finish;
const finished = new Promise((resolve) => (finish = resolve));
await page.exposeFunction("codeAutomationLog", (type, args) => told.push(`${type}: ${JSON.stringify(args)}`));
await page.exposeFunction("codeAutomationExit", (code) => finish(code));
page.on("dialog", (dialog) => dialog.accept());

const commands = {
  goto: ({ url }) => page.goto(url).then(() => null),
  press: ({ keys }) => page.keyboard.press(keys),
  type: ({ text }) => page.keyboard.type(text, { delay: 8 }),
  // These two say whether they came about: what had the focus may lose it at any time.
  fill: ({ selector, text, timeout }) =>
    page.locator(selector).first().fill(text, { timeout }).then(() => true, () => false),
  accept: async ({ selector }) => {
    const hasFocus = await page.evaluate((wanted) => document.activeElement?.matches(wanted), selector);
    if (hasFocus) {
      await page.keyboard.press("Enter");
    }
    return hasFocus === true;
  },
  click: ({ selector }) => page.locator(selector).first().click(),
  hover: ({ selector }) => page.locator(selector).first().hover(),
  wait: ({ selector, gone, timeout }) =>
    page.locator(selector).first().waitFor({ state: gone ? "hidden" : "visible", timeout }),
  appears: ({ selector, timeout }) =>
    page.locator(selector).first().waitFor({ timeout }).then(() => true, () => false),
  texts: ({ selector }) => page.locator(selector).allInnerTexts(),
  labels: ({ selector }) =>
    page.locator(selector).evaluateAll((found) => found.map((one) => one.getAttribute("aria-label") ?? "")),
  style: ({ selector, name }) =>
    page.locator(selector).first().evaluate((one, key) => getComputedStyle(one)[key], name),
  shot: ({ path }) => page.screenshot({ path, animations: "disabled" }).then(() => null),
  finished: async ({ timeout }) => {
    const late = new Promise((resolve) => setTimeout(() => resolve("too late"), timeout));
    return { code: await Promise.race([finished, late]), told };
  },
};

console.log(JSON.stringify({ answer: "ready" }));
for await (const line of createInterface({ input: process.stdin })) {
  const { does, ...given } = JSON.parse(line);
  try {
    console.log(JSON.stringify({ answer: (await commands[does](given)) ?? null }));
  } catch (error) {
    console.log(JSON.stringify({ error: String(error) }));
  }
}
await chrome.close();
