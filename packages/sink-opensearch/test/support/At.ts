/** What stands at a path in an answer; `undefined` where there is nothing. */
export const at = (answer: unknown, ...path: ReadonlyArray<string>): unknown =>
  path.reduce<unknown>(
    (value, key) => (typeof value === "object" && value !== null ? Reflect.get(value, key) : undefined),
    answer
  )
