// FIQL, the filter language of Cloud Storage: `type==transcription;(objectState==AVAILABLE,objectState==REVOKED)`.
// `;` is AND and binds tighter than `,`, OR. Sources: OpenAPI file and "Filtering by time" (read 2026-11-20); `=in=` and
// `=out=` are newer than that file (8x8-apis, section 1.5).

type Operator = "==" | "!=" | "=gt=" | "=ge=" | "=lt=" | "=le=" | "=in=" | "=out="

/** `field operator value`; only `=in=` and `=out=` have several values. */
export interface Comparison {
  readonly kind: "comparison"
  readonly field: string
  readonly operator: Operator
  readonly values: ReadonlyArray<string>
}

export type Expression = Comparison | { readonly kind: "and" | "or"; readonly parts: ReadonlyArray<Expression> }

/** What is wrong with a filter. */
export class FiqlError extends Error {}

const head = /\s*([^\s;,()=!]+)\s*(==|!=|=(?:gt|ge|lt|le|in|out)=)/y
const operators: ReadonlySet<string> = new Set(["==", "!=", "=gt=", "=ge=", "=lt=", "=le=", "=in=", "=out="])
const isOperator = (text: string | undefined): text is Operator => text !== undefined && operators.has(text)

class Parser {
  readonly text: string
  at = 0

  constructor(text: string) {
    this.text = text
  }

  take(symbol: string): boolean {
    if (this.text.charAt(this.at) !== symbol) return false
    this.at++
    return true
  }

  joined(kind: "and" | "or", symbol: string, next: () => Expression): Expression {
    const first = next()
    const parts = [first]
    while (this.take(symbol)) parts.push(next())
    return parts.length === 1 ? first : { kind, parts }
  }

  or(): Expression {
    return this.joined("or", ",", () => this.joined("and", ";", () => this.constraint()))
  }

  constraint(): Expression {
    if (this.take("(")) {
      const inner = this.or()
      if (!this.take(")")) throw new FiqlError(`")" is missing at ${this.at}`)
      return inner
    }
    head.lastIndex = this.at
    const match = head.exec(this.text)
    const [, field = "", operator] = match ?? []
    if (match === null || !isOperator(operator)) throw new FiqlError(`A comparison is missing at ${this.at}`)
    this.at = head.lastIndex
    const list = operator === "=in=" || operator === "=out="
    return { kind: "comparison", field, operator, values: list ? this.list() : [this.value()] }
  }

  list(): ReadonlyArray<string> {
    if (!this.take("(")) throw new FiqlError(`A list is missing at ${this.at}`)
    const values = [this.value()]
    while (this.take(",")) values.push(this.value())
    if (!this.take(")")) throw new FiqlError(`")" is missing at ${this.at}`)
    return values
  }

  value(): string {
    const end = this.text.slice(this.at).search(/[;,()]/)
    const value = end === -1 ? this.text.slice(this.at) : this.text.slice(this.at, this.at + end)
    if (value === "") throw new FiqlError(`A value is missing at ${this.at}`)
    this.at += value.length
    return value.trim()
  }
}

/** Reads a filter; throws a `FiqlError` that says where it ends to be one. */
export const parse = (text: string): Expression => {
  const parser = new Parser(text)
  const expression = parser.or()
  if (parser.at < text.length) throw new FiqlError(`Unexpected "${text.charAt(parser.at)}" at ${parser.at}`)
  return expression
}

/** All comparisons of an expression. */
export const comparisons = (expression: Expression): ReadonlyArray<Comparison> =>
  expression.kind === "comparison" ? [expression] : expression.parts.flatMap(comparisons)

/** Turns an expression into a test, given one for each comparison. */
export const compile = <A>(expression: Expression, leaf: (comparison: Comparison) => (row: A) => boolean) => {
  const walk = (node: Expression): ((row: A) => boolean) => {
    if (node.kind === "comparison") return leaf(node)
    const tests = node.parts.map(walk)
    return node.kind === "and" ? (row) => tests.every((test) => test(row)) : (row) => tests.some((test) => test(row))
  }
  return walk(expression)
}
