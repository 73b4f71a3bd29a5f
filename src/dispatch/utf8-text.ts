// Bytes as text. Where a body was cut, the cut may go through a character; that rest is dropped, so that
// nobody sees a replacement mark that the receiver never sent.

export function utf8Text(bytes: Buffer, cut: boolean): string {
  return bytes.toString('utf8', 0, cut ? wholeCharacters(bytes) : bytes.length)
}

/** How many bytes end with a whole character. */
function wholeCharacters(bytes: Buffer): number {
  // At most three bytes back stands the first byte of a character that is not whole.
  for (let back = 1; back <= 3 && back <= bytes.length; back += 1) {
    const byte = bytes[bytes.length - back]!
    if (byte < 0x80) break
    if (byte >= 0xc0) {
      const wanted = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2
      return wanted > back ? bytes.length - back : bytes.length
    }
  }
  return bytes.length
}
