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
    const entry = { time: at.toISOString(), level, message: redactor.mask(message) }
    return `${JSON.stringify({ ...entry, ...(redactor.maskValue(fields) as object) })}\n`
  }
  const tint = colors ? (colorOf[level] ?? "") : ""
  const shown = Object.entries(fields).map(([key, value]) => ` ${key}=${redactor.mask(Formatter.format(value))}`)
  const reset = tint === "" ? "" : "\u001b[0m"
  return `${at.toISOString().slice(11, 19)} ${tint}${level.padEnd(5)}${reset} ${redactor.mask(message)}${shown.join("")}\n`
}

const colorOf: Readonly<Record<string, string>> = { WARN: "\u001b[33m", ERROR: "\u001b[31m", DEBUG: "\u001b[2m" }

const levels = { debug: "Debug", info: "Info", warn: "Warn", error: "Error" } as const

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
    const fields = Object.assign(
      {},
      fiber.getRef(References.CurrentLogAnnotations),
      ...objects,
      failed,
      trace
    ) as object
    options.write(
      line(
        { at: date, level: logLevel.toUpperCase(), message: texts.map(String).join(" "), fields: { ...fields } },
        options
      )
    )
  })
  const level = levels[options.level as keyof typeof levels] ?? "Info"
  return Layer.mergeAll(Logger.layer([logger]), Layer.succeed(References.MinimumLogLevel, level))
}
