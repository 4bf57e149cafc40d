/**
 * Reads the vendor's XML: strictly, and should that fail, leniently and row by row. The vendor's own documents show
 * `</channelname>` for `<channelName>`, `</>` and `%lt;`; bare `&`, unknown entities and control characters are common
 * elsewhere. A row that makes no sense even then is told apart from its neighbours. What was cut off in the middle is
 * not mended: half an answer is none.
 *
 * Source: the samples of Recordings API, newer and older form (read 2026-11-20).
 */
import { Effect, Option, Result, Stream } from "effect"
import { Xml } from "effect/encoding"
import type { XMLParser } from "fast-xml-parser"

/** An element: its text, or what is inside by name; a list where a name comes more than once. */
export type Node = string | { readonly [name: string]: Node | ReadonlyArray<Node> }

export interface Root {
  readonly name: string
  readonly node: Node
}

/** Elements within each other: rows have six. Entities are never expanded, by neither reader. */
const deepest = 32

/** The document's root element; `undefined` when it is not well-formed. */
export const parseXml = (text: string): Effect.Effect<Root | undefined> =>
  Stream.make(text.replace(/^\uFEFF/, "")).pipe(
    Stream.pipeThroughChannel(Xml.decodeString({ maxDepth: deepest })),
    Stream.pipeThroughChannel(Xml.elements(["*"], { maxElementSize: Infinity })),
    Stream.runLast,
    Effect.result,
    Effect.map((read) => {
      const root = Result.isSuccess(read) ? Option.getOrUndefined(read.success) : undefined
      return root === undefined ? undefined : { name: root.name, node: nodeOf(root) }
    })
  )

/** Text beside elements is the blanks between them. */
const nodeOf = ({ children }: Xml.Element): Node => {
  const node: { [name: string]: Node | Array<Node> } = {}
  let text = ""
  let leaf = true
  for (const child of children) {
    if (typeof child === "string") {
      text += child
      continue
    }
    leaf = false
    const { name } = child
    if (name === "__proto__") continue
    const known = Object.hasOwn(node, name) ? node[name] : undefined
    const value = nodeOf(child)
    if (Array.isArray(known)) known.push(value)
    else node[name] = known === undefined ? value : [known, value]
  }
  return leaf ? text : node
}

/** A row that makes no sense: why, and as it stands in the answer. */
export class Broken {
  readonly reason: string
  readonly text: string

  constructor(reason: string, text: string) {
    this.reason = reason
    this.text = text
  }
}

/**
 * The rows of a document that is not well-formed, which are its elements of this name; `undefined` where there is none, or
 * where the document was cut off.
 */
export const salvageXml = Effect.fnUntraced(function* (text: string, name: string) {
  const pieces = piecesOf(text.replace(/^\uFEFF/, "").replace(/%lt;(?=\/?[A-Za-z_])/g, "<"), name)
  if (pieces === undefined) return undefined
  const parser = yield* lenient
  return yield* Effect.forEach(
    pieces,
    (piece) => Effect.map(parseXml(piece), (strict) => strict?.node ?? leniently(parser, piece)),
    { concurrency: 1 }
  )
})

/** The text of each row, from its start tag up to the next one; rows do not lie within each other. */
const piecesOf = (text: string, name: string): ReadonlyArray<string> | undefined => {
  const starts = [...text.matchAll(new RegExp(`<${name}(?=[\\s/>])`, "gi"))].map(({ index }) => index)
  const [first] = starts
  const body = text.trimEnd()
  const close = /<\/\s*([A-Za-z]*)\s*>$/.exec(body.slice(-64))
  if (first === undefined || close === null) return undefined
  const [tag, closed = ""] = close
  // The row is the document where there is but one: a transcript.
  const alone = closed.toLowerCase() === name.toLowerCase() && !/<recordings[\s>]/i.test(text.slice(0, first))
  if (closed !== "" && closed.toLowerCase() !== "recordings" && !alone) return undefined
  const end = alone ? body.length : body.length - tag.length
  const pieces = starts.map((start, i) => text.slice(start, starts[i + 1] ?? end).trim())
  // A document may end in the middle, behind any `</>`: then its last row is not closed.
  return closed === "" && mend(pieces.at(-1) ?? "") === undefined ? undefined : pieces
}

/** Loaded when it is needed, which is hardly ever. */
const lenient = Effect.map(
  Effect.promise(() => import("fast-xml-parser")),
  ({ XMLParser }) =>
    new XMLParser({
      ignoreAttributes: true,
      ignoreDeclaration: true,
      ignorePiTags: true,
      parseTagValue: false,
      processEntities: false,
      trimValues: false,
      maxNestedTags: deepest
    })
)

const nonsense = "the row is XML that cannot be read"

const leniently = (parser: XMLParser, piece: string): Node | Broken => {
  const mended = mend(piece)
  if (mended === undefined) return new Broken(nonsense, piece)
  try {
    const document: unknown = parser.parse(mended)
    const [row, ...others] = Object.values(typeof document === "object" && document !== null ? document : {})
    const node = others.length > 0 ? undefined : decoded(row)
    return node === undefined ? new Broken(nonsense, piece) : node
  } catch {
    return new Broken(nonsense, piece)
  }
}

const beside = "#text"

/** What the lenient reader gives, as a node, with its entities. */
const decoded = (value: unknown): Node | undefined => {
  if (typeof value === "string") return value.replace(entity, characterOf)
  if (typeof value !== "object" || value === null) return undefined
  const node: Record<string, Node | Array<Node>> = {}
  for (const [name, inner] of Object.entries(value)) {
    if (name === beside) continue
    const items = Array.isArray(inner) ? inner.map(decoded).filter((item) => item !== undefined) : decoded(inner)
    if (items !== undefined) node[name] = items
  }
  return node
}

/** The only entities that XML knows by itself. */
const entity = /&(amp|lt|gt|quot|apos|#\d{1,7}|#x[0-9a-f]{1,6});/gi
const named: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" }

const characterOf = (whole: string, name: string): string => {
  if (!name.startsWith("#")) return named[name.toLowerCase()] ?? whole
  const point = /^#x/i.test(name) ? Number.parseInt(name.slice(2), 16) : Number(name.slice(1))
  return point > 0 && point <= 0x10ffff && !(point >= 0xd800 && point < 0xe000) ? String.fromCodePoint(point) : whole
}

/** Comments and the like, which stay as they are. */
const asides = [
  ["<!--", "-->"],
  ["<![CDATA[", "]]>"],
  ["<?", "?>"]
] as const

/** A name is taken whole or not at all: tried at every length, a long one without an end would take for ever. */
const tag = /<(\/?)(?:([A-Za-z_][\w.:-]*)(?![\w.:-]))?([^<>]*)>/y

/** The same elements with their tags closed as they were opened; `undefined` when that cannot be told. */
export const mend = (text: string): string | undefined => {
  const open: Array<string> = []
  let mended = ""
  for (let at = 0; at < text.length;) {
    const next = text.indexOf("<", at)
    if (next === -1) return open.length > 0 || text.slice(at).trim() !== "" ? undefined : mended
    mended += text.slice(at, next)
    const aside = asides.find(([begin]) => text.startsWith(begin, next))
    if (aside !== undefined) {
      const end = text.indexOf(aside[1], next)
      if (end === -1) return undefined
      at = end + aside[1].length
      mended += text.slice(next, at)
      continue
    }
    tag.lastIndex = next
    const match = tag.exec(text)
    const [token, slash, name, rest = ""] = match ?? []
    if (token === undefined || (slash === "" && name === undefined)) {
      mended += "&lt;"
      at = next + 1
      continue
    }
    at = next + token.length
    if (slash === "/") {
      const top = open.pop()
      if (top === undefined || (name !== undefined && name.toLowerCase() !== top.toLowerCase())) return undefined
      mended += `</${top}>`
    } else {
      if (!rest.endsWith("/")) open.push(name ?? "")
      if (open.length > deepest) return undefined
      mended += token
    }
  }
  return open.length > 0 ? undefined : mended
}
