/**
 * What stands in the cluster: one component template of what all indices of a prefix have, an index template per type, and
 * the index itself with its aliases. The index is made with all of it, so that no foreign template of a higher priority
 * can change it; the templates are for those that a person makes later, by a reindex.
 */
import { Duration } from "effect"
import type { EventType } from "@callstream/model"
import type { OpenSearchConfig } from "../Config.ts"
import { commonTemplate, everyAlias, indexPattern, readAlias, writeAlias } from "../document/Names.ts"
import type { Keys } from "./JsonSchema.ts"
import { countFields, dataMapping, envelopeMapping } from "./Mapping.ts"

/** Raised when envelope, analysis or aliases change; more fields of a type are no change. A newer one is refused. */
export const layout = 1

/** Above templates that somebody has for all indices. */
const priority = 300

type Settings = Pick<OpenSearchConfig, "indexPrefix" | "refresh" | "replicas" | "shards">

/**
 * Words as the local sink parts and folds them, and the same with English endings taken off. Transcripts and chats are
 * English mostly; a stemmer for one language does little harm to others, for their words are found in `text` as they
 * stand. Stop words stay, for they are in phrases, and in what people type. On 33 judged queries over public
 * conversations nDCG@10 is 0.73 with words alone, 0.75 with stems alone and 0.76 with the better of both; without
 * stop words 0.67.
 */
export const analysis = {
  char_filter: {
    callstream_split: {
      type: "mapping",
      // Within these a standard tokenizer goes on: an address, a file's name, an id with underscores is many words here.
      mappings: [
        "_=>\\u0020",
        ".=>\\u0020",
        ":=>\\u0020",
        ",=>\\u0020",
        ";=>\\u0020",
        "'=>\\u0020",
        "’=>\\u0020",
        "·=>\\u0020"
      ]
    }
  },
  filter: { callstream_english_stems: { type: "stemmer", language: "english" } },
  analyzer: {
    callstream_words: {
      type: "custom",
      char_filter: ["callstream_split"],
      tokenizer: "standard",
      filter: ["lowercase", "asciifolding"]
    },
    callstream_english: {
      type: "custom",
      char_filter: ["callstream_split"],
      tokenizer: "standard",
      filter: ["lowercase", "asciifolding", "callstream_english_stems"]
    }
  }
}

const settingsOf = ({ refresh, replicas, shards }: Settings) => ({
  index: {
    number_of_shards: shards,
    number_of_replicas: replicas,
    refresh_interval: `${Math.max(1, Math.ceil(Duration.toMillis(refresh)))}ms`,
    // What a person types into Dashboards without a field's name is looked for in these.
    query: { default_field: ["text", "text.english", "names"] },
    analysis
  }
})

/** What a template or index says of itself. */
export interface About {
  readonly version: number
  readonly prefix: string
  /** Of an index only, see `Installed.ts`. */
  readonly id?: string
}

const aboutOf = ({ indexPrefix }: Settings, id?: string): { readonly callstream: About } => ({
  callstream: { version: layout, prefix: indexPrefix, ...(id === undefined ? {} : { id }) }
})

/** Aliases that an index is read by: by type and by all types. What was deleted is not read through them. */
const readAliasesOf = (prefix: string, type: EventType.EventType): Keys => {
  const filter = { bool: { must_not: [{ term: { op: "delete" } }] } }
  return { [readAlias(prefix, type)]: { filter }, [everyAlias(prefix)]: { filter } }
}

/** All aliases of the index of a type. The one for writing is of this index alone, so it is not in the template. */
export const aliasesOf = (prefix: string, type: EventType.EventType): Keys => ({
  ...readAliasesOf(prefix, type),
  [writeAlias(prefix, type)]: { is_write_index: true }
})

const fieldLimit = (mapping: Keys): number => Math.max(1000, 2 * countFields(mapping))

/** The whole mapping of a type's index. */
export const mappingOf = (config: Settings, type: EventType.EventType, id?: string): Keys => ({
  ...envelopeMapping,
  properties: { ...Object(envelopeMapping["properties"]), data: dataMapping(type) },
  _meta: aboutOf(config, id)
})

/** `PUT _component_template/…` */
export const commonTemplateBody = (config: Settings): Keys => ({
  template: { settings: settingsOf(config), mappings: envelopeMapping },
  _meta: aboutOf(config)
})

/** `PUT _index_template/…` */
export const indexTemplateBody = (config: Settings, type: EventType.EventType): Keys => ({
  index_patterns: [indexPattern(config.indexPrefix, type)],
  composed_of: [commonTemplate(config.indexPrefix)],
  priority,
  template: {
    settings: { index: { mapping: { total_fields: { limit: fieldLimit(dataMapping(type)) } } } },
    mappings: { properties: { data: dataMapping(type) }, _meta: aboutOf(config) },
    aliases: readAliasesOf(config.indexPrefix, type)
  },
  _meta: aboutOf(config)
})

/** `PUT <index>` */
export const indexBody = (config: Settings, type: EventType.EventType, id: string): Keys => {
  const { index } = settingsOf(config)
  const mappings = mappingOf(config, type, id)
  return {
    settings: { index: { ...index, mapping: { total_fields: { limit: fieldLimit(mappings) } } } },
    mappings,
    aliases: aliasesOf(config.indexPrefix, type)
  }
}
