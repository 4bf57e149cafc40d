/** What is searched: a row per entity, and its full-text index. Runs in the writer thread. */
import type { DatabaseSync, StatementSync } from "node:sqlite"
import type { Document } from "./Messages.ts"

export class Documents {
  private readonly insert: StatementSync
  private readonly index: StatementSync
  private readonly unindex: StatementSync
  private readonly remove: StatementSync

  constructor(database: DatabaseSync) {
    this.insert = database.prepare(
      `INSERT INTO documents (number, grouped, conversation, type, subject, time, text, fields, digits)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`
    )
    this.index = database.prepare("INSERT INTO found (rowid, text, fields, digits) VALUES (?, ?, ?, ?)")
    this.unindex = database.prepare(
      `INSERT INTO found (found, rowid, text, fields, digits)
       SELECT 'delete', number, text, fields, digits FROM documents WHERE number = ?`
    )
    this.remove = database.prepare("DELETE FROM documents WHERE number = ?")
  }

  /** Puts a document in the place of another, or of none; gives its row. */
  replace(before: number | null, document: Document | null): number | null {
    if (before !== null) {
      this.unindex.run(before)
      this.remove.run(before)
    }
    if (document === null) return null
    const { conversation, digits, fields, grouped, subject, text, time, type } = document
    const { lastInsertRowid } = this.insert.run(
      before,
      grouped,
      conversation,
      type,
      subject,
      time,
      text,
      fields,
      digits
    )
    const row = Number(lastInsertRowid)
    this.index.run(row, text, fields, digits)
    return row
  }
}
