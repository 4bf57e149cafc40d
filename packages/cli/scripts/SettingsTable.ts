/** A JSON Schema as rows of a table: one for each setting or field, those of nested ones below it with dotted names. */

export type Node = { readonly [key: string]: unknown }

export interface Row {
  /** `rate.perSecond`, `lookback[].span`. */
  readonly name: string
  readonly type: string
  readonly required: boolean
  readonly default?: unknown
  readonly description: string
  readonly example?: unknown
}

const isNode = (value: unknown): value is Node => typeof value === "object" && value !== null && !Array.isArray(value)

/** What stands under a key, if that is an object; else an empty one. */
export const under = (node: unknown, key: string): Node => {
  const value = isNode(node) ? node[key] : undefined
  return isNode(value) ? value : {}
}

/** The description of a schema. */
export const describedBy = ({ description }: Node): string => (typeof description === "string" ? description : "")
const nodes = (value: unknown): ReadonlyArray<Node> => (Array.isArray(value) ? value.filter(isNode) : [])
const values = (value: unknown): ReadonlyArray<unknown> => (Array.isArray(value) ? value : [])

/** Puts what is referred to in its place. */
const resolved = (node: Node, definitions: Node): Node => {
  const { $ref, ...rest } = node
  if (typeof $ref !== "string") return node
  const target = definitions[decodeURIComponent($ref.replace(/^#\/(?:\$defs|definitions)\//, ""))]
  return isNode(target) ? { ...resolved(target, definitions), ...rest } : rest
}

const itemOf = ({ items, prefixItems }: Node): Node | undefined =>
  nodes(prefixItems)[0] ?? (isNode(items) ? items : undefined)

const span = /^\d+(?:\.\d+)? ?(?:ms|s|min|h|d|w)$/
const day = /^\d{4}-\d{2}-\d{2}$/

/** Texts of one form have no keyword of JSON Schema's; the default and the examples show it. */
const textType = (node: Node): string => {
  if (node["format"] === "date-time") return "instant"
  const shown = [node["default"], ...values(node["examples"])].filter((value) => typeof value === "string")
  if (shown.length > 0 && shown.every((value) => span.test(value))) return "length of time"
  return shown.length > 0 && shown.every((value) => day.test(value)) ? "day or instant" : "text"
}

const numberType = (what: string, { exclusiveMinimum, maximum, minimum }: Node): string => {
  if (typeof minimum === "number" && typeof maximum === "number" && maximum < Number.MAX_SAFE_INTEGER)
    return `${what}, ${minimum} to ${maximum}`
  if (typeof exclusiveMinimum === "number") return `${what} above ${exclusiveMinimum}`
  return typeof minimum === "number" && minimum > 0 ? `${what} from ${minimum}` : what
}

const code = (value: unknown): string => `\`${typeof value === "string" ? value : JSON.stringify(value)}\``

/** What may stand there, in words. */
export const typeOf = (given: Node, definitions: Node): string => {
  const node = resolved(given, definitions)
  const choices = values(node["enum"])
  if (choices.length > 0) return choices.map(code).join(", ")
  const alternatives = [...nodes(node["anyOf"]), ...nodes(node["oneOf"])]
  if (alternatives.length > 0) {
    const types = [...new Set(alternatives.map((one) => typeOf(one, definitions)))]
    // `text or number or list of text or number` would be read wrongly.
    const list = `list of ${types.slice(0, -1).join(" or ")}`
    return types.length > 2 && types.at(-1) === list
      ? `${types.slice(0, -1).join(" or ")}, or a list of these`
      : types.join(" or ")
  }
  switch (node["type"]) {
    case "boolean":
      return "`true` or `false`"
    case "integer":
      return numberType("whole number", node)
    case "number":
      return numberType("number", node)
    case "array": {
      const item = itemOf(node)
      return item === undefined ? "list" : `list of ${typeOf(item, definitions)}`
    }
    case "object":
      return isNode(node["properties"]) ? "settings" : "names with values"
    case "string":
      return textType(node)
    default:
      return "anything"
  }
}

/** The settings inside a value: its own, those of its items, or those of the alternative that has some. */
const inside = (node: Node, definitions: Node): readonly [suffix: string, node: Node] | undefined => {
  if (isNode(node["properties"])) return ["", node]
  if (node["type"] === "array") {
    const item = itemOf(node)
    return item === undefined || !isNode(resolved(item, definitions)["properties"])
      ? undefined
      : ["[]", resolved(item, definitions)]
  }
  for (const open of Object.values(isNode(node["patternProperties"]) ? node["patternProperties"] : {})) {
    const found = nodes(isNode(open) ? open["anyOf"] : undefined).find((one) => isNode(one["properties"]))
    if (found !== undefined) return [".<name>", found]
  }
  return undefined
}

/** The rows of a schema of settings or of an event's data, in the schema's order. */
export const rowsOf = (schema: Node, definitions: Node, prefix = "", depth = 0): ReadonlyArray<Row> => {
  const { properties, required } = resolved(schema, definitions)
  const rows: Array<Row> = []
  for (const [key, given] of Object.entries(isNode(properties) ? properties : {})) {
    if (!isNode(given)) continue
    const node = resolved(given, definitions)
    const name = `${prefix}${key}`
    const [example] = values(node["examples"])
    rows.push({
      name,
      type: typeOf(node, definitions),
      required: values(required).includes(key),
      description: describedBy(node),
      ...(node["default"] === undefined ? {} : { default: node["default"] }),
      ...(example === undefined ? {} : { example })
    })
    const below = depth > 3 ? undefined : inside(node, definitions)
    if (below !== undefined) rows.push(...rowsOf(below[1], definitions, `${name}${below[0]}.`, depth + 1))
  }
  return rows
}

/** A value as it would stand in a pipeline file on one line. */
export const inYaml = (value: unknown): string => {
  if (typeof value === "string") return /^[\w./: <>*-]+$/.test(value) && value !== "" ? value : JSON.stringify(value)
  if (Array.isArray(value)) return `[${value.map(inYaml).join(", ")}]`
  if (!isNode(value)) return JSON.stringify(value)
  return `{ ${Object.entries(value)
    .map(([key, member]) => `${key}: ${inYaml(member)}`)
    .join(", ")} }`
}

/** A text in a cell of a Markdown table. */
export const cell = (text: string): string => text.replaceAll("|", String.raw`\|`).replaceAll("\n", " ")

/** A Markdown table. */
export const table = (head: ReadonlyArray<string>, rows: ReadonlyArray<ReadonlyArray<string>>): string =>
  [head, head.map(() => "---"), ...rows].map((row) => `| ${row.map(cell).join(" | ")} |`).join("\n")
