/**
 * Which conversations have the terms. A conversation's pieces are documents of several indices, and one may have one term,
 * another the next: so each term is asked for by itself, and what it found is put together here.
 *
 * A term that is in more conversations than are listed is asked for again among those that the rarer terms found: a
 * conversation with k of n terms has one of the n - k + 1 rarest.
 */
import { Effect } from "effect"
import { type Failure, Terms } from "@callstream/core"
import type { Client } from "../Client.ts"
import { isKeys } from "../setup/JsonSchema.ts"
import { field } from "../Trouble.ts"
import { multiSearch } from "./MultiSearch.ts"
import { anyOf, type Query, queryOf } from "./Query.ts"

/** Conversations that are listed for one question; the rest are counted. */
const mostGroups = 2000

export interface Group {
  /** What its documents are grouped by. */
  readonly group: string
  readonly score: number
}

export interface Groups {
  /** How many there are: exact up to some thousands, then a little less than exact, or a lower bound. */
  readonly total: number
  /** Best first. */
  readonly best: ReadonlyArray<Group>
}

/** Scores by group. */
type Scores = ReadonlyMap<string, number>

interface List {
  readonly scores: Scores
  /** How many groups there are, listed or not. */
  readonly total: number
}

const isWhole = ({ scores, total }: List): boolean => scores.size < mostGroups && total <= scores.size + 1

/** The best conversations for these terms. */
export const groupsOf = Effect.fnUntraced(function* (
  client: Client,
  alias: string,
  terms: ReadonlyArray<Terms.Term>
): Effect.fn.Return<Groups, Failure.SinkFailure> {
  const least = Terms.needed(terms.length)
  const queries = terms.map(queryOf)
  // Beside the terms: documents that have enough of them in one piece, which may stand low in every list.
  const [together = nothing, ...lists] = yield* listsOf(client, alias, [anyOf(terms, least), ...queries])
  const whole = lists.every(isWhole) ? lists : yield* completed(client, alias, { least, lists, queries, together })
  const enough = merged(whole, least)
  if (enough.length > 0) {
    const total = terms.length === 1 ? (lists[0] ?? nothing).total : Math.max(enough.length, together.total)
    return { best: enough, total: whole === lists ? enough.length : total }
  }
  const any = merged(lists, 1)
  return { best: any, total: Math.max(any.length, ...lists.map(({ total }) => total)) }
})

const nothing: List = { scores: new Map(), total: 0 }

interface Incomplete {
  readonly least: number
  readonly queries: ReadonlyArray<Query>
  readonly lists: ReadonlyArray<List>
  readonly together: List
}

/** The lists, with what the long ones have of the candidates. */
const completed = Effect.fnUntraced(function* (
  client: Client,
  alias: string,
  { least, lists, queries, together }: Incomplete
): Effect.fn.Return<ReadonlyArray<List>, Failure.SinkFailure> {
  const rarest = lists.toSorted((one, other) => one.total - other.total).slice(0, lists.length - least + 1)
  const share = Math.ceil(mostGroups / (rarest.length + 1))
  const candidates = new Set([together, ...rarest].flatMap(({ scores }) => [...scores.keys()].slice(0, share)))
  if (candidates.size === 0) return lists
  const among = { terms: { group: [...candidates] } }
  const asked = lists.flatMap((list, term) => (isWhole(list) ? [] : [{ term, query: queries[term] }]))
  const answers = yield* listsOf(
    client,
    alias,
    asked.map(({ query }) => ({ bool: { must: [query], filter: [among] } }))
  )
  const found = new Map(asked.map(({ term }, place) => [term, answers[place] ?? nothing]))
  return lists.map((list, term) => {
    const more = found.get(term)
    return more === undefined ? list : { ...list, scores: new Map([...list.scores, ...more.scores]) }
  })
})

/** Groups that are in at least so many lists, the sum of their scores, best first. */
const merged = (lists: ReadonlyArray<List>, least: number): ReadonlyArray<Group> => {
  const sums = new Map<string, { terms: number; score: number }>()
  for (const { scores } of lists) {
    for (const [group, score] of scores) {
      const sum = sums.get(group) ?? { terms: 0, score: 0 }
      sums.set(group, { terms: sum.terms + 1, score: sum.score + score })
    }
  }
  return [...sums]
    .flatMap(([group, { score, terms }]) => (terms >= least ? [{ group, score }] : []))
    .toSorted((one, other) => other.score - one.score || (one.group < other.group ? -1 : 1))
}

/** The groups of each query, best first. */
const listsOf = (client: Client, alias: string, queries: ReadonlyArray<Query>) =>
  multiSearch(
    client,
    alias,
    queries.map((query) => ({
      size: 0,
      query,
      aggs: {
        count: { cardinality: { field: "group", precision_threshold: 40_000 } },
        groups: {
          terms: { field: "group", size: mostGroups, order: [{ best: "desc" }, { _key: "asc" }] },
          aggs: { best: { max: { script: { source: "_score" } } } }
        }
      }
    })),
    ["aggregations.count.value", "aggregations.groups.buckets.key", "aggregations.groups.buckets.best.value"]
  ).pipe(Effect.map((answers) => answers.map(listOf)))

const listOf = (answer: unknown): List => {
  const aggregations = field(answer, "aggregations")
  const buckets = field(field(aggregations, "groups"), "buckets")
  const total = field(field(aggregations, "count"), "value")
  const scores = new Map<string, number>()
  for (const bucket of Array.isArray(buckets) ? buckets : []) {
    if (!isKeys(bucket)) continue
    const best = field(bucket["best"], "value")
    scores.set(String(bucket["key"]), typeof best === "number" ? best : 0)
  }
  return { scores, total: Math.max(scores.size, typeof total === "number" ? total : 0) }
}
