/** Asks a node how its cluster does. */
import { readFileSync } from "node:fs"
import { get } from "node:http"
import { get as getSecurely } from "node:https"

export interface Access {
  /** Path of a PEM file. */
  readonly ca?: string | undefined
  readonly username?: string | undefined
  readonly password?: string | undefined
}

export interface Answer {
  /** 0 when there was none. */
  readonly status: number
  readonly text: string
}

/** GET of an address of a node; no answer within 30 s counts as none. */
export const ask = (url: string, { ca, password, username }: Access = {}): Promise<Answer> =>
  new Promise((resolve) => {
    const options = {
      agent: false,
      timeout: 30_000,
      ...(username === undefined ? {} : { auth: `${username}:${password ?? ""}` }),
      ...(ca === undefined ? {} : { ca: readFileSync(ca) })
    } as const
    const request = (url.startsWith("https:") ? getSecurely : get)(url, options, (response) => {
      let text = ""
      response.setEncoding("utf8")
      response.on("data", (chunk: string) => (text += chunk))
      response.on("end", () => resolve({ status: response.statusCode ?? 0, text }))
      response.on("error", (error) => resolve({ status: 0, text: error.message }))
    })
    request.on("timeout", () => request.destroy(new Error("no answer within 30 s")))
    request.on("error", (error) => resolve({ status: 0, text: error.message }))
  })
