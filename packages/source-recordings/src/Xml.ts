/**
 * Reads the vendor's XML: strictly, and should that fail once more after mending what the vendor's own documents show to
 * be malformed (`</channelname>` for `<channelName>`, `</>`, `%lt;`) and what is common (bare `&`, unknown entities).
 * What was cut off in the middle is not mended: half an answer is none.
 *
 * Source: the samples of Recordings API, newer and older form (read 2026-11-20). The mended text goes through the
 * strict reader again: a forgiving one would guess at the rest.
 */
import { Effect, Option, Result, Stream } from "effect"
import { Xml } from "effect/encoding"

/** An element: its text, or what is inside by name; a list where a name comes more than once. */
export type Node = string | { readonly [name: string]: Node | ReadonlyArray<Node> }

export interface Root {
  readonly name: string
  readonly node: Node
}

/** The document's root element; `undefined` when it cannot be read even when mended. */
export const parseXml = Effect.fnUntraced(function* (text: string) {
  const strict = yield* strictly(text)
  if (strict !== undefined) return strict
  const mended = mend(text)
  return mended === undefined ? undefined : yield* strictly(mended)
})

const strictly = (text: string): Effect.Effect<Root | undefined> =>
  Stream.make(text).pipe(
    Stream.pipeThroughChannel(Xml.decodeString()),
    Stream.pipeThroughChannel(Xml.elements(["*"], { maxElementSize: 256 * 1024 * 1024 })),
    Stream.runLast,
    Effect.result,
    Effect.map((read) => {
      const root = Result.isSuccess(read) ? Option.getOrUndefined(read.success) : undefined
      return root === undefined ? undefined : { name: root.name, node: nodeOf(root) }
    })
  )

/** Text beside elements is the blanks between them. */
const nodeOf = ({ children }: Xml.Element): Node => {
  const node: { [name: string]: Node | ReadonlyArray<Node> } = {}
  let text = ""
  let leaf = true
  for (const child of children) {
    if (typeof child === "string") {
      text += child
      continue
    }
    leaf = false
    const { name } = child
    const known = Object.hasOwn(node, name) ? node[name] : undefined
    const value = nodeOf(child)
    node[name] = known === undefined ? value : [known, value].flat()
  }
  return leaf ? text : node
}

/** Comments and the like, which stay as they are; or a tag, with its slashes, name and the rest. */
const tokens = /<\?[\s\S]*?\?>|<!--[\s\S]*?-->|<!\[CDATA\[[\s\S]*?\]\]>|<(\/?)([A-Za-z_][\w.:-]*)?([^<>]*?)(\/?)>/g

/** The same document with its tags closed as they were opened; `undefined` when that cannot be told. */
export const mend = (text: string): string | undefined => {
  const source = text.replace(/^\uFEFF/, "").replace(/%lt;(?=\/?[A-Za-z_])/g, "<")
  const open: Array<string> = []
  let mended = ""
  let at = 0
  for (const match of source.matchAll(tokens)) {
    mended += mendText(source.slice(at, match.index))
    at = match.index + match[0].length
    const [token, slash, name, rest = "", closed] = match
    if (slash === undefined) {
      mended += token
    } else if (slash === "/") {
      const top = open.pop()
      if (top === undefined || (name !== undefined && name.toLowerCase() !== top.toLowerCase())) return undefined
      mended += `</${top}>`
    } else {
      if (name === undefined) return undefined
      if (closed !== "/") open.push(name)
      mended += `<${name}${rest}${closed}>`
    }
  }
  const end = source.slice(at)
  return open.length > 0 || end.trim() !== "" ? undefined : mended
}

/** Only the entities of XML itself are known; what looks like another is text. */
const mendText = (text: string): string =>
  text.replace(/&(?!(?:amp|lt|gt|quot|apos|#\d+|#x[0-9a-f]+);)/gi, "&amp;").replaceAll("<", "&lt;")
