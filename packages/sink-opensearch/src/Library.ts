/**
 * The parts of the official library that we use, by their own files: its front door loads the whole API, which takes eight
 * times as long. These files are CommonJS, and their declarations speak of a default export where there is none; the
 * types are those of the front door.
 */
import type * as Front from "@opensearch-project/opensearch"
import connection from "@opensearch-project/opensearch/lib/Connection.js"
import errors from "@opensearch-project/opensearch/lib/errors.js"
import pool from "@opensearch-project/opensearch/lib/pool/index.js"
import transport from "@opensearch-project/opensearch/lib/Transport.js"

export const Connection = connection as unknown as typeof Front.Connection
export type Connection = Front.Connection
export const { ConnectionPool } = pool
export const Transport = transport as unknown as typeof Front.Transport
export const { ResponseError } = errors
