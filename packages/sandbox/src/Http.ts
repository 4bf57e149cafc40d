// What one API is to the server: a function from a request that has been read to a reply that is still to be written.
// The server half (sockets, faults, the log of requests) is in Server.
import type { IncomingHttpHeaders } from "node:http"

/** A request, read to its end. */
export interface Ask {
  readonly method: string
  /** The path without the query, as sent. */
  readonly path: string
  readonly query: URLSearchParams
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
  /** The sandbox's clock when the request was read, epoch ms. */
  readonly now: number
}

/** What is answered. A `Date` header is added to every reply. */
export interface Reply {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Buffer
}

/** One of the four APIs. */
export interface Api {
  readonly handle: (ask: Ask) => Reply
  /**
   * Moves the rows of the last list between two reads of it. `remove`: the list's first row moves away from before the
   * border of the next page, so that an offset walk skips one. `insert`: a row appears before it, so that one repeats.
   */
  readonly shift: (how: "insert" | "remove") => void
  /** Makes every token that was given out count as expired. */
  readonly expireTokens: () => void
}

/** A header's value, the first one if it was sent several times. */
export const header = (ask: Ask, name: string): string | undefined => {
  const value = ask.headers[name]
  return Array.isArray(value) ? value[0] : value
}

/** A JSON reply. */
export const json = (status: number, value: unknown): Reply => ({
  status,
  headers: { "content-type": "application/json" },
  body: JSON.stringify(value)
})

/** Decodes one segment of a path; what is not encoded well stays as it is. */
export const segment = (text: string): string => {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
