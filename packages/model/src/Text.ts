/**
 * Texts in one piece. V8 makes a text of two others by pointing at them, and a part of one by pointing into it, unless it
 * is shorter than 13 characters; and `JSON.stringify` writes a whole record the slow way, which takes twice as long, for
 * one such text in it (Node 24 and 26). So what stands in events is made with these.
 */

/** The texts one after another, in one piece. */
export const joined = (...parts: ReadonlyArray<string>): string => parts.join("")

/** The same text in one piece, and nothing kept alive that it was a part of. */
export const flat = (text: string): string => (text.length < 13 ? text : joined(text.slice(0, 12), text.slice(12)))
