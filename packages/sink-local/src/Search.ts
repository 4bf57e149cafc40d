/**
 * `callstream search` on this sink: opens `search.db` read-only, beside a running writer too.
 *
 * A conversation is found when its pieces together have the words: one may be in the transcript, another in the summary.
 * Up to three words must all be there; of more, half of them, for people type sentences. Where nothing has that many,
 * whatever has any.
 */
import { existsSync } from "node:fs"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { Numbers, type Sink, Terms } from "@callstream/core"
import { version } from "./Database.ts"
import { type Term, termsOf } from "./Query.ts"
import { Refusal } from "./Trouble.ts"

/** Weights of what was said, of names and ids, and of numbers. */
const rank = "-bm25(found, 1.0, 0.5, 1.0)"

/** Words a snippet has, and pieces a conversation shows. */
const snippetWords = 24
const mostHighlights = 3

interface Found {
  readonly grouped: string
  readonly terms: number
  readonly score: number
  /** Rows of `documents`, parted by commas. */
  readonly rows: string
}

/** Answers a search in a folder; throws what the file system, SQLite or a `Refusal` have to say. */
export const searchFolder = (folder: string, { limit, query }: Sink.SearchRequest): Sink.SearchResult => {
  const path = join(folder, "search.db")
  if (!existsSync(path)) throw new Refusal("empty", "there is nothing to search yet")
  const database = new DatabaseSync(path, { readOnly: true })
  try {
    const format = database.prepare("PRAGMA user_version").get()?.["user_version"]
    if (format !== version)
      throw new Refusal("foreign", `search.db has format ${String(format)}, this release ${version}`)
    const terms = termsOf(query)
    return terms.length === 0 ? { total: 0, hits: [] } : searchTerms(database, terms, limit)
  } finally {
    database.close()
  }
}

const searchTerms = (database: DatabaseSync, terms: ReadonlyArray<Term>, limit: number): Sink.SearchResult => {
  const each = terms.map(
    (_, i) => `SELECT rowid AS number, ${i} AS term, ${rank} AS score FROM found WHERE found MATCH ?`
  )
  database.exec("CREATE TEMP TABLE matched (grouped TEXT, term INTEGER, score REAL, rows TEXT)")
  database
    .prepare(
      `INSERT INTO matched
       WITH hits AS MATERIALIZED (${each.join(" UNION ALL ")})
       SELECT grouped, term, max(score), group_concat(number)
       FROM hits JOIN documents USING (number) GROUP BY grouped, term`
    )
    .run(...terms)
  const groups = (least: number): { readonly total: number; readonly found: ReadonlyArray<Found> } => ({
    total: Number(
      database
        .prepare("SELECT count(*) AS n FROM (SELECT 1 FROM matched GROUP BY grouped HAVING count(*) >= ?)")
        .get(least)?.["n"] ?? 0
    ),
    found: database
      .prepare(
        `SELECT grouped, count(*) AS terms, sum(score) AS score, group_concat(rows) AS rows
         FROM matched GROUP BY grouped HAVING count(*) >= ? ORDER BY score DESC, grouped LIMIT ?`
      )
      .all(least, limit)
      .map((row) => ({
        grouped: String(row["grouped"]),
        terms: Number(row["terms"]),
        score: Number(row["score"]),
        rows: String(row["rows"])
      }))
  })
  const wanted = groups(Terms.needed(terms.length))
  const { found, total } = wanted.total > 0 ? wanted : groups(1)
  return { total, hits: found.flatMap(shower(database, terms)) }
}

const from = "\u{e000}"
const to = "\u{e001}"

const snippet = (column: number): string => `snippet(found, ${column}, '${from}', '${to}', '…', ${snippetWords})`

/** Makes the hit of a conversation: its best piece, and what was found in the others too. */
const shower = (database: DatabaseSync, terms: ReadonlyArray<Term>) => {
  const pieces = database.prepare(
    `SELECT d.conversation, d.subject, d.type, d.time, d.fields,
       ${snippet(0)} AS inText, ${snippet(1)} AS inFields, ${snippet(2)} AS inDigits
     FROM found JOIN documents AS d ON d.number = found.rowid
     WHERE found MATCH ? AND found.rowid IN (SELECT value FROM json_each(?))
     ORDER BY ${rank} DESC, d.number LIMIT ${mostHighlights}`
  )
  const any = terms.map((term) => `(${term})`).join(" OR ")
  return ({ rows, score }: Found): ReadonlyArray<Sink.SearchHit> => {
    const found = pieces.all(any, `[${rows}]`)
    const [best] = found
    if (best === undefined) return []
    const highlights = found.flatMap(({ fields, inDigits, inFields, inText }) =>
      [String(inText), String(inFields)].concat(numbersIn(String(fields), String(inDigits)))
    )
    return [
      {
        conversation: String(best["conversation"]),
        subject: String(best["subject"]),
        type: String(best["type"]),
        ...(typeof best["time"] === "string" ? { time: best["time"] } : {}),
        score,
        highlights: [...new Set(highlights)]
          .filter((text) => text.includes(from))
          .slice(0, mostHighlights)
          .map((text) => text.replaceAll("\n", " · "))
      }
    ]
  }
}

/** Numbers are found by forms of theirs; shown is how they are written. */
const numbersIn = (fields: string, inDigits: string): ReadonlyArray<string> => {
  const forms = [...inDigits.matchAll(/\u{e000}(\d+)\u{e001}/gu)].map(([, form]) => form ?? "")
  if (forms.length === 0) return []
  return fields
    .split("\n")
    .filter((value) => forms.some((form) => Numbers.digitForms(value).includes(form)))
    .map((value) => `${from}${value}${to}`)
}
