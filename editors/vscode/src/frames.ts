// Frames: where messages begin and end in what a server writes, and what is no message.

const FIRST_BYTES = "content-";
const HEAD_END = "\r\n\r\n";
const MAX_HEAD_LENGTH = 1_000;
const MAX_SHOWN_LENGTH = 60;

/** Where messages begin and end in a stream of bytes. */
export class Frames {
  private head = "";
  private bodyLeft = 0;

  /** The bytes are looked at as they come; what is no message is returned, cut short. */
  add(chunk: Buffer): string | undefined {
    let at = 0;
    while (at < chunk.length) {
      if (this.bodyLeft > 0) {
        const taken = Math.min(this.bodyLeft, chunk.length - at);
        this.bodyLeft -= taken;
        at += taken;
        continue;
      }
      const before = this.head.length;
      this.head += chunk.toString("latin1", at, at + MAX_HEAD_LENGTH);
      const end = this.head.indexOf(HEAD_END);
      const head = end < 0 ? this.head : this.head.slice(0, end + HEAD_END.length);
      const length = /^content-length: *(\d+)\r$/im.exec(head)?.[1];
      if (!isBeginOfHead(head) || head.length >= MAX_HEAD_LENGTH || (end >= 0 && length === undefined)) {
        return head.slice(0, MAX_SHOWN_LENGTH);
      }
      if (end < 0) {
        return undefined;
      }
      at += head.length - before;
      this.head = "";
      this.bodyLeft = Number(length);
    }
    return undefined;
  }
}

/** Whether a head may begin so: with "Content-Length" or "Content-Type". */
function isBeginOfHead(text: string): boolean {
  const known = text.slice(0, FIRST_BYTES.length).toLowerCase();
  return FIRST_BYTES.startsWith(known);
}
