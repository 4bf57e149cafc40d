import { assert, describe, it } from "@effect/vitest"
import { positionOf, toValue } from "../../src/file/Located.ts"
import { Problems, show } from "../../src/file/Problem.ts"
import { read } from "../../src/file/Yaml.ts"

const problemsOf = (text: string) => {
  const problems = new Problems("f.yaml")
  read(text, problems)
  return problems.sorted.map(show)
}

const valueOf = (text: string) => {
  const problems = new Problems("f.yaml")
  const tree = read(text, problems)
  assert.deepStrictEqual(problems.sorted, [])
  return tree === undefined ? undefined : toValue(tree)
}

describe("yaml", () => {
  it("reads values and where they are", () => {
    const tree = read("a:\n  - b: 1\n  - x\nc: 2026-01-01\n", new Problems("f"))
    assert.isDefined(tree)
    if (tree === undefined) return
    assert.deepStrictEqual(toValue(tree), { a: [{ b: 1 }, "x"], c: "2026-01-01" })
    assert.deepStrictEqual(positionOf(tree, ["a", 0, "b"]), { line: 2, column: 8 })
    assert.deepStrictEqual(positionOf(tree, ["a", 0, "b"], "key"), { line: 2, column: 5 })
    assert.deepStrictEqual(positionOf(tree, ["c"]), { line: 4, column: 4 })
    assert.deepStrictEqual(positionOf(tree, ["c", "deeper"]), { line: 4, column: 4 })
  })

  it("merges anchors, what stands there itself first", () => {
    assert.deepStrictEqual(valueOf("x: &x { a: 1, b: 2 }\ny: { <<: *x, b: 3 }\nz: { <<: [*x, *x], c: 4 }\n"), {
      x: { a: 1, b: 2 },
      y: { b: 3, a: 1 },
      z: { c: 4, a: 1, b: 2 }
    })
  })

  it("says what is wrong and where", () => {
    assert.deepStrictEqual(
      [
        ...problemsOf("a: 1\na: 2\n"),
        ...problemsOf("a: 1\n---\nb: 2\n"),
        ...problemsOf("a: !secret x\n"),
        ...problemsOf("a: [1, 2\n"),
        ...problemsOf("a: b: c\n"),
        ...problemsOf("a:\n\t- b\n"),
        ...problemsOf("a: *nothing\n"),
        ...problemsOf("? [a, b]\n: 1\n"),
        ...problemsOf("")
      ],
      [
        "f.yaml:2:1: This name stands here twice: names are unique within their section.",
        "f.yaml:2:1: A file has one pipeline: put the second one (after ---) into a file of its own.",
        "f.yaml:1:4: Tags (!name) are not read: write the value plainly.",
        "f.yaml:2:1: The indentation does not fit the lines around it; or a bracket is open, or a text with a colon needs quotes.",
        "f.yaml:1:4: The indentation does not fit the lines around it; or a bracket is open, or a text with a colon needs quotes.",
        "f.yaml:2:1: Indent with spaces, not with tabs.",
        "f.yaml:1:4: The alias *nothing has no anchor before it.",
        "f.yaml:1:3: A setting's name is a text.",
        "f.yaml:1:1: The file is empty: a pipeline has a name, sources and sinks."
      ]
    )
  })

  it("tells a fault once, and not all that the reader stumbles over because of it", () => {
    const quotes = 'Within { } and [ ] a variable needs quotes, as in { token: "${TOKEN}" }.'
    assert.deepStrictEqual(
      [
        ...problemsOf("a: { b: ${TOKEN}, c: d }\ne: { f: g }\n"),
        ...problemsOf("a: [${file:/run/x}, b]\ne: { f: g }\n"),
        ...problemsOf("a: { b: c } }\ne: { f: g } ]\n")
      ],
      [
        `f.yaml:1:10: ${quotes}`,
        `f.yaml:1:6: ${quotes}`,
        "f.yaml:1:13: This cannot stand here: a bracket is closed that is not open, or a text with brackets, a comma or a colon needs quotes."
      ]
    )
    assert.deepStrictEqual(valueOf('a: { b: "${TOKEN}" }\nc: ${TOKEN}\n'), { a: { b: "${TOKEN}" }, c: "${TOKEN}" })
  })

  it("is not ended by a file that was made to end it", () => {
    const laughs = Array.from({ length: 9 }, (_, i) => `l${i + 1}: &l${i + 1} [${Array(10).fill(`*l${i}`).join(", ")}]`)
    assert.deepStrictEqual(
      problemsOf(`l0: &l0 lol\n${laughs.join("\n")}\n`).map((text) => text.replace(/^[^ ]+ /, "")),
      ["Aliases unfold to more than 100000 values."]
    )
    assert.match(problemsOf("[".repeat(20_000)).join(), /nested too deeply|Not YAML|not closed/)
    assert.match(problemsOf(`${"[".repeat(60)}${"]".repeat(60)}`).join(), /nested more than 50 levels deep/)
  })
})
