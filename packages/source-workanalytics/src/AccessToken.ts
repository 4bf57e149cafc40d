/**
 * How we log in: a user's name and password, and the API key in a header. The only file that unwraps a secret.
 *
 * Sources: "Call Detail Records", Authenticate, and the OpenAPI file "Work Analytics Historical" (read 2026-11-20). A
 * wrong key and a wrong password are both answered with 400.
 */
import { Redacted, Result, Schema } from "effect"
import { Credentials, Failure, Http, Login } from "@callstream/core"
import type { Config } from "./Config.ts"

/** The only path a POST goes to. */
export const loginPath = "/v1/oauth/token"

const endpoint = `POST ${loginPath}`

const keyRemedy =
  "Check apiKey of this source: the key of an API credential made in 8x8 Admin Console > API Keys for Work Analytics"
const userRemedy =
  "Check username and password of this source: the user needs access to Work Analytics, and must have opened it in a " +
  "browser at least once before the API lets him in"

/** What a rate budget belongs to. */
export const budgetKeyOf = ({ apiKey }: Config): string => Redacted.value(apiKey)

/** The header of every request, beside the token, as it is in force now. */
export const keyHeader = (config: Config): Readonly<Record<string, string>> => ({
  "8x8-apikey": Credentials.value(config, "apiKey")
})

const ErrorBody = Schema.Struct({
  code: Schema.optionalKey(Schema.Unknown),
  error: Schema.optionalKey(Schema.Unknown),
  error_description: Schema.optionalKey(Schema.Unknown),
  message: Schema.optionalKey(Schema.Unknown)
})
const decodeError = Schema.decodeUnknownResult(Schema.fromJsonString(ErrorBody))

const textOf = (value: unknown): string => (typeof value === "string" ? value : "")

/** What a 400 says of our credentials; `undefined` when it is about something else. */
export const refusedCredentials = (answer: Http.HttpAnswer, endpoint: string): Failure.Denied | undefined => {
  if (answer.status !== 400) return undefined
  const body = Result.getOrUndefined(decodeError(Http.text(answer)))
  if (body === undefined) return undefined
  if (body.code === "SHA001" || /\b8x8-api-?key\b/i.test(textOf(body.message))) {
    return new Failure.Denied({ endpoint, reason: "refused the API key (SHA001)", remedy: keyRemedy, scope: "source" })
  }
  if (body.error === "invalid_grant" || textOf(body.error_description).startsWith("USER_")) {
    const reason = "refused the user (invalid_grant)"
    return new Failure.Denied({ endpoint, reason, remedy: userRemedy, scope: "source" })
  }
  return undefined
}

/** What a person does when a token that was just given out is refused. */
export const tokenRemedy = `${keyRemedy}. ${userRemedy}`

/** The login that all streams share. */
export const make = (http: Http.Http, config: Config): Login.Login =>
  Login.oauth(
    http,
    {
      settings: config,
      request: () => ({
        path: loginPath,
        endpoint,
        headers: keyHeader(config),
        body: {
          form: {
            username: Credentials.value(config, "username"),
            password: Credentials.value(config, "password")
          }
        }
      })
    },
    (answer, reason) =>
      refusedCredentials(answer, endpoint) ??
      new Failure.Denied({ endpoint, reason, remedy: tokenRemedy, scope: "source" })
  )
