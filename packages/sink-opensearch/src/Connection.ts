/**
 * The library's connection to one node, with two things mended (3.9.0): it tells what an error was by its text alone, and
 * it prints to standard output when a connection breaks after the answer has begun.
 */
import type { ClientRequest, IncomingMessage } from "node:http"
import type { Connection } from "./Library.ts"

type Base = typeof Connection

/** What a connection fails with: the library's error, and beside it Node's code, e.g. `ECONNREFUSED`. */
export interface Coded extends Error {
  code?: string
}

export const codeOf = (error: unknown): string | undefined =>
  error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined

/** The same connection, mended; `Base` may be one that signs. */
export const mended = (Base: Base): Base =>
  class extends Base {
    override request(
      params: Parameters<Connection["request"]>[0],
      callback: (error: Error | null, response: IncomingMessage | null) => void
    ): ClientRequest {
      let code: string | undefined
      const request = super.request(params, (error: Coded | null, response) => {
        if (response !== null) {
          request.removeAllListeners("error")
          request.on("error", () => {})
        }
        if (error !== null && code !== undefined) error.code = code
        callback(error, response)
      })
      request.prependListener("error", (error) => {
        code = codeOf(error)
      })
      return request
    }
  }
