/** A token endpoint that gives out what Kafka's unsecured validator takes, to those who know the secret. */
import { Effect, type Scope } from "effect"
import { farSide } from "@callstream/testkit"

const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url")

/** A token for a user, without a signature. */
export const tokenOf = (user: string): string => {
  const now = Math.floor(Date.now() / 1000)
  return `${part({ alg: "none" })}.${part({ sub: user, iat: now, exp: now + 3600 })}.`
}

export interface TokenEndpoint {
  readonly url: string
  /** Bodies of the requests that came, and how the client showed itself. */
  readonly asked: ReadonlyArray<{ readonly body: string; readonly authorization: string | undefined }>
}

export const startTokens = (
  user: string,
  secret: string,
  expiresIn: number
): Effect.Effect<TokenEndpoint, never, Scope.Scope> => {
  const asked: Array<{ readonly body: string; readonly authorization: string | undefined }> = []
  const url = farSide((request, response) => {
    let body = ""
    request.on("data", (chunk) => (body += String(chunk)))
    request.on("end", () => {
      const { authorization } = request.headers
      asked.push({ body, authorization })
      const known = authorization === `Basic ${Buffer.from(`client:${secret}`).toString("base64")}`
      response.writeHead(known ? 200 : 401, { "content-type": "application/json" })
      response.end(
        JSON.stringify(known ? { access_token: tokenOf(user), expires_in: expiresIn } : { error: "invalid_client" })
      )
    })
  })
  return Effect.map(url, (url) => ({ url: `${url}/token?realm=acme`, asked }))
}
