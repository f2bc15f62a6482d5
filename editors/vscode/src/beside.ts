// Beside: which answers are left to another language server of the same language.

import type * as vscode from "vscode";
import { ours } from "./settings";

export type Feature = "symbols" | "definition" | "outline";

const LANGUAGE_OF: Record<string, string> = {
  c: "c",
  h: "c",
  "c++": "cpp",
  cc: "cpp",
  cpp: "cpp",
  cxx: "cpp",
  "h++": "cpp",
  hh: "cpp",
  hpp: "cpp",
  hxx: "cpp",
  inl: "cpp",
  ipp: "cpp",
  tcc: "cpp",
  go: "go",
  java: "java",
  cjs: "javascript",
  js: "javascript",
  mjs: "javascript",
  jsx: "javascriptreact",
  py: "python",
  pyi: "python",
  pyw: "python",
  rs: "rust",
  cts: "typescript",
  mts: "typescript",
  ts: "typescript",
  tsx: "typescriptreact",
};

/**
 * Whether Codanna answers: not where the user's list says that another server does, and
 * where `codanna.features` names a language, only with what stands there.
 */
export function answersFor(feature: Feature, language: string): boolean {
  if (ours().get<string[]>("fallbackOnly", []).includes(language)) {
    return false;
  }
  const features = ours().get<Record<string, Feature[]>>("features", {});
  const wanted = features[language] ?? features["*"];
  return wanted === undefined || wanted.includes(feature);
}

export function languageOfFile(uri: vscode.Uri): string {
  const suffix = uri.path.slice(uri.path.lastIndexOf(".") + 1).toLowerCase();
  return LANGUAGE_OF[suffix] ?? "";
}
