const [FIRST, LAST] = [0x20, 0x7e];

/** Whether a text is printable ASCII. Nearly all are, and of what is short a regular expression takes several times as long. */
export function isPlain(text: string): boolean {
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code < FIRST || code > LAST) return false;
  }
  return true;
}
