/**
 * Texts as bytes, many of them in one piece of memory: for each text a piece of its own takes four times as long, and
 * leaves the garbage collector as much to do. The piece lives as long as one of its texts.
 */

/** Bytes of a piece. */
const size = 256 * 1024
/** Most bytes of a character in UTF-8. */
const widest = 3

export class Slab {
  private piece = Buffer.alloc(0)
  private used = 0

  /** The bytes of a text; they are never written to again. */
  bytes(text: string): Buffer {
    const most = text.length * widest
    if (most > size / 4) return Buffer.from(text)
    if (this.used + most > this.piece.length) {
      this.piece = Buffer.allocUnsafeSlow(size)
      this.used = 0
    }
    const from = this.used
    this.used += this.piece.write(text, from)
    return this.piece.subarray(from, this.used)
  }
}
