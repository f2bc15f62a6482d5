// Languages: what the editor calls the language of a file, by the file's name alone.

import type * as vscode from "vscode";

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

export function languageOfFile(uri: vscode.Uri): string {
  const suffix = uri.path.slice(uri.path.lastIndexOf(".") + 1).toLowerCase();
  return LANGUAGE_OF[suffix] ?? "";
}
