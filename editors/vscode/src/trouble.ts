// Trouble: what keeps the server from serving, in words, with what the user can do.

/** What a user can do about it; the labels are those of the message's buttons. */
export type Remedy = "Open Settings" | "How to Install" | "Restart Server" | "Show Logs";

/** The message says what is wrong and how to mend it; it is shown once. */
export class Trouble extends Error {
  constructor(
    message: string,
    readonly remedies: readonly Remedy[],
  ) {
    super(message);
  }
}

export function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
