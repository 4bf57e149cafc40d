/**
 * Decodes the settings of one plugin and says everything that is wrong with them, each at its place. Messages name what
 * was expected, never what stood there: it may be a secret.
 */
import * as Exit from "effect/Exit"
import * as Cause from "effect/Cause"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import type * as SchemaAST from "effect/SchemaAST"
import * as SchemaIssue from "effect/SchemaIssue"
import type { Json } from "@callstream/model"
import { member } from "../Member.ts"
import { get, type LocatedMap, type Path, positionOf, showPath, toValue } from "./Located.ts"
import type { Problems } from "./Problem.ts"
import { didYouMean } from "./Suggest.ts"

/** Settings that hold: decoded, and as they stood in the file with texts read as numbers where numbers are wanted. */
export interface Settings {
  readonly config: unknown
  readonly encoded: Json
}

/** Decodes `node`, the settings at `path` of the file; `undefined` when something is wrong with them. */
export const decode = (
  schema: Schema.Top,
  node: LocatedMap,
  path: Path,
  problems: Problems,
  /** Settings of the same place that are not the plugin's. */
  own: ReadonlyArray<string> = []
): Settings | undefined => {
  // A plugin's settings need no services: the contract gives none to them.
  const decodeExit = Schema.decodeUnknownExit(schema as Schema.Codec<unknown, unknown>, {
    onExcessProperty: "error",
    errors: "all"
  })
  const attempt = (value: Json) => {
    const exit = decodeExit(value)
    if (Exit.isSuccess(exit)) return { config: exit.value, findings: [] }
    const error = Option.getOrUndefined(Cause.findErrorOption(exit.cause))
    if (error === undefined) throw Cause.squash(exit.cause)
    return { config: undefined, findings: findings(error.issue, []) }
  }

  let encoded = toValue(node)
  let result = attempt(encoded)
  // A text where a number belongs: `${PORT}` is always a text. A union may need a second look.
  for (let round = 0; round < 3; round++) {
    const readable = result.findings.filter(({ path, typed }) => typed && readText(at(encoded, path)) !== undefined)
    if (readable.length === 0) break
    const read = readable.reduce((value, { path }) => replace(value, path, readText(at(value, path)) ?? null), encoded)
    const again = attempt(read)
    const kept = readable.filter(
      ({ path }) => !again.findings.some((finding) => finding.typed && showPath(finding.path) === showPath(path))
    )
    if (kept.length === 0) break
    encoded = kept.reduce((value, { path }) => replace(value, path, readText(at(value, path)) ?? null), encoded)
    result = attempt(encoded)
  }

  /** What would be wrong with a number or boolean if it were in quotes. */
  const quoted = ({ path }: Finding): string | undefined =>
    attempt(replace(encoded, path, String(at(encoded, path)))).findings.find(
      (finding) => showPath(finding.path) === showPath(path)
    )?.message
  for (const finding of result.findings) {
    const full = [...path, ...finding.path]
    const where = positionOf(node, finding.path, finding.kind === "unexpected" ? "key" : "value")
    problems.add(where, showPath(full), sentence(finding, node, schema, own, quoted))
  }
  return result.findings.length > 0 ? undefined : { config: result.config, encoded }
}

interface Finding {
  readonly path: Path
  readonly kind: "unexpected" | "missing" | "value"
  /** It is of another type than the one expected. */
  readonly typed: boolean
  readonly message: string
  /** For an unexpected key: the names there are. */
  readonly names?: ReadonlyArray<string>
}

/** The leaves of an issue. Of a union's members, the one with the least wrong speaks for all. */
const findings = (issue: SchemaIssue.Issue, path: Path, message?: string): ReadonlyArray<Finding> => {
  switch (issue._tag) {
    case "Pointer":
      return findings(
        issue.issue,
        [...path, ...issue.path.map((part) => (typeof part === "symbol" ? String(part) : part))],
        message
      )
    case "Encoding":
      return findings(issue.issue, path, message)
    case "Filter":
      return findings(issue.issue, path, message ?? filterMessage(issue))
    case "Composite":
      return issue.issues.flatMap((inner) => findings(inner, path, message))
    case "AnyOf": {
      const members = issue.issues
        .map((inner) => findings(inner, path, message))
        .toSorted((a, b) => a.length - b.length)
      const deep = members.find((member) => member.some((finding) => finding.path.length > path.length))
      const best = deep ?? members[0]
      if (best !== undefined) return best
      return [{ path, kind: "value", typed: true, message: message ?? unionMessage(issue.ast) }]
    }
    case "MissingKey":
      return [{ path, kind: "missing", typed: false, message: "is missing." }]
    case "UnexpectedKey":
      return [
        { path, kind: "unexpected", typed: false, message: "There is no such setting.", names: namesOf(issue.ast) }
      ]
    case "InvalidType":
      return [{ path, kind: "value", typed: true, message: message ?? plainWords(SchemaIssue.defaultLeafHook(issue)) }]
    default:
      return [{ path, kind: "value", typed: false, message: message ?? plainWords(SchemaIssue.defaultLeafHook(issue)) }]
  }
}

const filterMessage = (issue: SchemaIssue.Filter): string | undefined => {
  const own = SchemaIssue.defaultCheckHook(issue)
  if (own !== undefined) return plainWords(own)
  const expected = issue.filter.annotations?.["expected"]
  return typeof expected === "string" ? plainWords(`Expected ${expected}`) : undefined
}

const namesOf = (ast: SchemaAST.AST): ReadonlyArray<string> =>
  ast._tag === "Objects" ? ast.propertySignatures.map(({ name }) => String(name)) : []

const unionMessage = (ast: SchemaAST.Union): string => {
  const words = ast.types.map((member) => (member._tag === "Literal" ? String(member.literal) : undefined))
  return words.every((word) => word !== undefined)
    ? `Expected one of ${words.join(", ")}.`
    : plainWords(`Expected ${[...new Set(ast.types.map(kindOf))].join(" or ")}`)
}

const kindOf = (ast: SchemaAST.AST): string => {
  switch (ast._tag) {
    case "Literal":
      return String(ast.literal)
    case "Arrays":
      return "array"
    case "Objects":
      return "object"
    default:
      return ast._tag.toLowerCase()
  }
}

const words: Readonly<Record<string, string>> = {
  string: "a text",
  number: "a number",
  boolean: "true or false",
  array: "a list",
  object: "settings (name: value)",
  "a value with a length of at least 1": "a text that is not empty",
  "an integer": "a whole number"
}

/** Says it in the words of a pipeline file. */
const plainWords = (message: string): string => {
  const said = message.replace(/^Expected (.*)$/s, (_, what: string) => {
    const parts = what.split(" or ").map((part) => words[part] ?? part)
    return `Expected ${parts.join(" or ")}`
  })
  return said.endsWith(".") ? said : `${said}.`
}

const sentence = (
  finding: Finding,
  node: LocatedMap,
  schema: Schema.Top,
  own: ReadonlyArray<string>,
  quoted: (finding: Finding) => string | undefined
): string => {
  if (finding.kind === "unexpected") {
    const name = String(finding.path.at(-1))
    const names = [...(finding.path.length === 1 ? own : []), ...(finding.names ?? [])]
    const hint = didYouMean(name, names)
    return finding.message + (hint === "" && names.length > 0 ? ` There are ${names.join(", ")}.` : hint)
  }
  if (finding.kind === "missing") {
    const description = describe(schema, finding.path)
    return description === undefined ? finding.message : `is missing: ${description}`
  }
  const value = at(toValue(node), finding.path)
  if (value === null) return `${finding.message} It is empty here.`
  if (finding.message === "Expected a text." && (typeof value === "number" || typeof value === "boolean")) {
    return quoted(finding) ?? "Expected a text: put the value in quotes."
  }
  return finding.message
}

/** The description of a setting, from its schema. */
export const describe = (schema: Schema.Top, path: Path): string | undefined => {
  let node: unknown = Schema.toJsonSchemaDocument(schema).schema
  for (const part of path) {
    const inner = member(node, typeof part === "number" ? "items" : "properties")
    node = typeof part === "number" ? inner : member(inner, part)
  }
  const description = member(node, "description")
  return typeof description === "string" ? description : undefined
}

const at = (value: unknown, path: Path): unknown =>
  path.reduce<unknown>((node, part) => (Array.isArray(node) ? node[Number(part)] : member(node, String(part))), value)

/** The number or boolean that a text reads exactly as. */
const readText = (value: unknown): number | boolean | undefined => {
  if (typeof value !== "string") return undefined
  if (value === "true" || value === "false") return value === "true"
  return /^-?(?:0|[1-9]\d{0,15})(?:\.\d{1,15})?$/.test(value) ? Number(value) : undefined
}

const replace = (value: Json, path: Path, by: Json): Json => {
  const [part, ...rest] = path
  if (part === undefined || typeof value !== "object" || value === null) return by
  if (isList(value)) return value.map((item, index) => (index === part ? replace(item, rest, by) : item))
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, key === part ? replace(inner, rest, by) : inner])
  )
}

const isList = (value: Json): value is ReadonlyArray<Json> => Array.isArray(value)

/** A text setting of the file's own, such as `name`. */
export const text = (node: LocatedMap, key: string, path: Path, problems: Problems): string | undefined => {
  const value = get(node, key)
  if (value === undefined) return undefined
  if (value._tag === "scalar" && typeof value.value === "string" && value.value !== "") return value.value
  problems.add(value.at, showPath([...path, key]), "Expected a text that is not empty.")
  return undefined
}
