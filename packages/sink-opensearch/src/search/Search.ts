/** `callstream search` on this sink: which conversations (`Groups.ts`), and what to show of them. */
import { Effect } from "effect"
import { type Failure, Numbers, type Plugin, type Sink, Terms } from "@callstream/core"
import * as Client from "../Client.ts"
import type { OpenSearchConfig } from "../Config.ts"
import { everyAlias } from "../document/Names.ts"
import { isKeys, type Keys } from "../setup/JsonSchema.ts"
import { field } from "../Trouble.ts"
import { type Group, groupsOf } from "./Groups.ts"
import { multiSearch } from "./MultiSearch.ts"
import { anyOf, markedIn } from "./Query.ts"

/** Conversations that are shown at most, and pieces of text of each. */
const mostHits = 500
const mostHighlights = 3

const from = "\u{e000}"
const to = "\u{e001}"

/** What a hit says of its document. */
const about = ["conversation", "subject", "type", "time"]

/** Answers a search. */
export const search = Effect.fn("SinkOpenSearch.search")(function* (
  config: OpenSearchConfig,
  { directory }: Plugin.Place,
  request: Sink.SearchRequest
) {
  return yield* searchWith(yield* Client.make(config, directory), config.indexPrefix, request)
})

/** The same with a client that is there. */
export const searchWith = Effect.fnUntraced(function* (
  client: Client.Client,
  indexPrefix: string,
  { limit, query }: Sink.SearchRequest
): Effect.fn.Return<Sink.SearchResult, Failure.SinkFailure> {
  const terms = Terms.of(query)
  if (terms.length === 0) return { total: 0, hits: [] }
  const alias = everyAlias(indexPrefix)
  const { best, total } = yield* groupsOf(client, alias, terms)
  const shown = best.slice(0, Math.min(Math.max(limit, 0), mostHits))
  if (shown.length === 0) return { total, hits: [] }
  const answers = yield* multiSearch(
    client,
    alias,
    shown.map(({ group }) => piecesOf(group, terms)),
    ["hits.hits._source", "hits.hits.highlight"]
  )
  return { total, hits: shown.flatMap((group, place) => hitOf(group, terms, answers[place])) }
})

/** The pieces of a conversation that have any of the terms, the best first. */
const piecesOf = (group: string, terms: ReadonlyArray<Terms.Term>) => {
  const numbers = terms.some((term) => term.numbers.length > 0)
  const marks = (name: string) => ({ highlight_query: markedIn(name, terms) })
  return {
    size: mostHighlights,
    _source: numbers ? [...about, "names"] : about,
    query: { bool: { filter: [{ term: { group } }], must: [anyOf(terms)] } },
    highlight: {
      type: "unified",
      pre_tags: [from],
      post_tags: [to],
      fragment_size: 160,
      number_of_fragments: mostHighlights,
      order: "score",
      // Marked is what the english field has: words in all their forms, phrases and beginnings too.
      fields: { "text.english": marks("text.english"), names: marks("names") }
    }
  }
}

/** The hit of a conversation: its best piece, and what was found in the others too. */
const hitOf = ({ score }: Group, terms: ReadonlyArray<Terms.Term>, answer: unknown): ReadonlyArray<Sink.SearchHit> => {
  const found = field(field(answer, "hits"), "hits")
  const pieces = Array.isArray(found) ? found.filter(isKeys) : []
  const best = pieces[0]?.["_source"]
  if (!isKeys(best)) return []
  const { conversation, subject, time, type } = best
  const highlights = new Set(pieces.flatMap((piece) => highlightsOf(piece, terms)))
  return [
    {
      conversation: String(typeof conversation === "string" ? conversation : subject),
      subject: String(subject),
      type: String(type),
      ...(typeof time === "string" ? { time } : {}),
      score,
      highlights: [...highlights].slice(0, mostHighlights)
    }
  ]
}

const highlightsOf = (piece: Keys, terms: ReadonlyArray<Terms.Term>): ReadonlyArray<string> => {
  const highlight = piece["highlight"]
  const fragments = ["text.english", "names"].flatMap((name) => textsOf(field(highlight, name)))
  return [...fragments, ...numbersIn(textsOf(field(piece["_source"], "names")), terms)].map((text) =>
    text.trim().replaceAll(/\s*\n\s*/gu, " · ")
  )
}

/** Numbers are found by forms of theirs; shown is how they are written. */
const numbersIn = (names: ReadonlyArray<string>, terms: ReadonlyArray<Terms.Term>): ReadonlyArray<string> => {
  const forms = new Set(terms.flatMap(({ numbers }) => numbers))
  return names
    .filter((name) => Numbers.digitForms(name).some((form) => forms.has(form)))
    .map((name) => `${from}${name}${to}`)
}

const textsOf = (value: unknown): ReadonlyArray<string> =>
  Array.isArray(value) ? value.filter((text) => typeof text === "string") : []
