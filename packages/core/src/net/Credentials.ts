/**
 * Settings that came from files, credentials above all, may become others while we run: somebody makes a new token and
 * puts it where the old one was. Whoever is refused reads them again before a person has to do something.
 *
 * Whoever loads a pipeline file says where a setting came from (`from`); a source asks for what is in force (`value`).
 */
import { Effect, Redacted } from "effect"

interface Origin {
  readonly read: () => string
  current: string
}

/** By the decoded settings of a plugin, by the name of the setting. */
const origins = new WeakMap<object, Map<string, Origin>>()
const listeners = new Set<(secret: string) => void>()

/** Names of settings that are a text, secret or not. */
type TextIn<Settings> = {
  [Name in keyof Settings]: Settings[Name] extends string | Redacted.Redacted ? Name : never
}[keyof Settings] &
  string

const given = (value: unknown): string => String(Redacted.isRedacted(value) ? Redacted.value(value) : value)

/** Says how a setting is read again; `read` may throw, and then the setting stays as it is. */
export const from = (settings: object, name: string, read: () => string): void => {
  const value: unknown = Reflect.get(settings, name)
  if (typeof value !== "string" && !Redacted.isRedacted(value)) return
  const known = origins.get(settings) ?? new Map<string, Origin>()
  origins.set(settings, known)
  known.set(name, { read, current: given(value) })
}

/** The text of a setting that is in force now. */
export const value = <Settings extends object>(settings: Settings, name: TextIn<Settings>): string =>
  origins.get(settings)?.get(name)?.current ?? given(settings[name])

/** Tells each text that takes a secret's place, for those who mask secrets. The answer ends it. */
export const onRenewal = (listener: (secret: string) => void): (() => void) => {
  listeners.add(listener)
  return () => void listeners.delete(listener)
}

const texts = (settings: object): string => {
  const known = origins.get(settings)
  return known === undefined ? "" : JSON.stringify([...known.values()].map(({ current }) => current))
}

/** Reads the settings again that came from files: whether one of them is another now. What is empty is not there yet. */
export const renew = (settings: unknown): Effect.Effect<boolean> =>
  Effect.suspend(() => {
    const known = typeof settings === "object" && settings !== null ? origins.get(settings) : undefined
    let changed = false
    for (const origin of known?.values() ?? []) {
      const text = reread(origin)
      if (text === origin.current) continue
      for (const listener of listeners) listener(text)
      origin.current = text
      changed = true
    }
    return changed
      ? Effect.as(Effect.logInfo("Credentials have changed in their files, and were read again"), true)
      : Effect.succeed(false)
  })

const reread = ({ current, read }: Origin): string => {
  try {
    return read() || current
  } catch {
    return current
  }
}

/**
 * Makes a request with the credentials in force. When they are refused and their files have others by now, it is made
 * once more with those. `ask` has to take them anew each time it runs.
 */
export const insist = <A, E, R>(
  settings: object,
  ask: Effect.Effect<A, E, R>,
  refused: (answer: A) => boolean
): Effect.Effect<A, E, R> =>
  Effect.gen(function* () {
    const before = texts(settings)
    const answer = yield* ask
    if (!refused(answer)) return answer
    yield* renew(settings)
    // Somebody else may have read them meanwhile.
    return texts(settings) === before ? answer : yield* ask
  })
