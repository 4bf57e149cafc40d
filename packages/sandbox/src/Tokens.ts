// Bearer tokens: given out, known until they expire. Expiring all of them at once is a fault on request.
import { random } from "./Random.ts"
import type { Ask } from "./Http.ts"
import { header } from "./Http.ts"

/** What a request's bearer token is. */
export type Standing = "good" | "missing" | "unknown" | "expired"

/** The tokens of one API. */
export class Tokens {
  readonly seconds: number
  #known = new Map<string, number>()
  #count = 0
  readonly #shape: (id: string, now: number) => string

  /** @param seconds life of a token  @param shape how an id is dressed up as a token of this vendor */
  constructor(seconds: number, shape: (id: string, now: number) => string) {
    this.seconds = seconds
    this.#shape = shape
  }

  issue(now: number): string {
    const token = this.#shape(random("token", this.#count++, now).text(32), now)
    this.#known.set(token, now + this.seconds * 1000)
    return token
  }

  expireAll(): void {
    for (const token of this.#known.keys()) this.#known.set(token, -Infinity)
  }

  standingOf(ask: Ask): Standing {
    const token = /^Bearer (.+)$/i.exec(header(ask, "authorization") ?? "")?.[1]
    if (token === undefined) return "missing"
    const until = this.#known.get(token)
    return until === undefined ? "unknown" : until <= ask.now ? "expired" : "good"
  }
}
