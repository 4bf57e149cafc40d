/** The logger: a line for people, or a JSON object a line for machines; masked either way. */
import { Cause, Formatter, Layer, Logger, References } from "effect"
import type { Redactor } from "./Redaction.ts"

export interface LogOptions {
  readonly format: "human" | "json"
  readonly level: string
  readonly colors: boolean
  readonly write: (line: string) => void
  readonly redactor: Redactor
}

interface Entry {
  readonly at: Date
  readonly level: string
  readonly message: string
  readonly fields: Readonly<Record<string, unknown>>
}

/** Writes one entry. */
export const line = (
  { at, fields, level, message }: Entry,
  { colors, format, redactor }: Omit<LogOptions, "write" | "level">
): string => {
  if (format === "json") {
    const masked = Object.entries(fields).map(([key, value]) => [key, redactor.maskValue(value)])
    const entry = { time: at.toISOString(), level, message: redactor.mask(message), ...Object.fromEntries(masked) }
    return `${JSON.stringify(entry)}\n`
  }
  const tint = colors ? (colorOf[level] ?? "") : ""
  const shown = Object.entries(fields).map(([key, value]) => ` ${key}=${redactor.mask(Formatter.format(value))}`)
  const reset = tint === "" ? "" : "\u001b[0m"
  return `${at.toISOString().slice(11, 19)} ${tint}${level.padEnd(5)}${reset} ${redactor.mask(message)}${shown.join("")}\n`
}

const colorOf: Readonly<Record<string, string>> = { WARN: "\u001b[33m", ERROR: "\u001b[31m", DEBUG: "\u001b[2m" }

const levels: ReadonlyMap<string, "Debug" | "Info" | "Warn" | "Error"> = new Map([
  ["debug", "Debug"],
  ["info", "Info"],
  ["warn", "Warn"],
  ["error", "Error"]
])

/** Effect's logging, written here. */
export const layer = (options: LogOptions): Layer.Layer<never> => {
  const logger = Logger.make<unknown, void>(({ cause, date, fiber, logLevel, message }) => {
    const parts = Array.isArray(message) ? (message as ReadonlyArray<unknown>) : [message]
    const texts = parts.filter((part) => typeof part !== "object" || part === null)
    const objects = parts.filter((part): part is object => typeof part === "object" && part !== null)
    const failed =
      cause.reasons.length === 0
        ? {}
        : {
            error: Cause.prettyErrors(cause)
              .map((error) => error.message)
              .join("; ")
          }
    const trace = cause.reasons.length > 0 && options.level === "debug" ? { trace: Cause.pretty(cause) } : {}
    const annotated = { ...fiber.getRef(References.CurrentLogAnnotations), ...failed, ...trace }
    const fields = objects.reduce<Readonly<Record<string, unknown>>>((all, more) => Object.assign(all, more), annotated)
    options.write(
      line({ at: date, level: logLevel.toUpperCase(), message: texts.map(String).join(" "), fields }, options)
    )
  })
  const level = levels.get(options.level) ?? "Info"
  return Layer.mergeAll(Logger.layer([logger]), Layer.succeed(References.MinimumLogLevel, level))
}
