/** The order in which a server for tests is found: an address somebody gave, Docker, Java. */
import { Effect, type Scope } from "effect"
import type { Open } from "./Place.ts"
import { ServerMissing } from "./ServerMissing.ts"

export interface Way<A> {
  /** As it stands in messages. */
  readonly name: string
  /** Why it is not to be had, if so: the next way is tried. */
  readonly absent?: () => Promise<string | undefined>
  /** Rejects with an error whose message is a sentence's end. */
  readonly open: () => Promise<A>
  /** Somebody asked for this one: when it fails no other is tried. */
  readonly meant?: boolean
}

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** The first way that works. Rejects with `ServerMissing`, which says how each ended. */
export const firstWay = async <A>(
  server: ServerMissing["server"],
  ways: ReadonlyArray<Way<A>>,
  own: boolean
): Promise<A> => {
  const tried: Array<string> = []
  for (const { absent, meant = false, name, open } of ways) {
    const reason = await absent?.()
    if (reason !== undefined) {
      tried.push(`${name}: ${reason}`)
      continue
    }
    try {
      return await open()
    } catch (error) {
      tried.push(`${name}: ${reasonOf(error)}${meant ? "; without it the other ways are tried" : ""}`)
      if (meant) break
    }
  }
  throw new ServerMissing({ server, tried, own })
}

/** Addresses in a variable, with commas between them. */
export const addressWay = <A>(
  variable: string,
  environment: NodeJS.ProcessEnv,
  open: (addresses: ReadonlyArray<string>) => Promise<A>
): Way<A> => {
  const addresses = (environment[variable] ?? "")
    .split(",")
    .map((address) => address.trim())
    .filter((address) => address !== "")
  return {
    name: variable,
    absent: async () => (addresses.length === 0 ? "it is not set" : undefined),
    open: () => open(addresses),
    meant: true
  }
}

/** One of the test's own, gone with the scope. */
export const acquire = <A>(
  server: ServerMissing["server"],
  ways: ReadonlyArray<Way<Open<A>>>
): Effect.Effect<A, ServerMissing, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.tryPromise({
      try: () => firstWay(server, ways, true),
      catch: (error) =>
        error instanceof ServerMissing ? error : new ServerMissing({ server, tried: [reasonOf(error)], own: true })
    }),
    ({ close }) => Effect.promise(close)
  ).pipe(Effect.map(({ value }) => value))
