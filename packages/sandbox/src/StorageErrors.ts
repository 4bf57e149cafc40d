// Error bodies of Cloud Storage: the vendor documents none, so the service's are a knob; the gateway's (Apigee) are for
// tokens it does not take. 8x8-apis, sections 1.2 and 1.9.
import { json, type Reply } from "./Http.ts"
import type { Standing } from "./Tokens.ts"
import type { World } from "./World.ts"

/** An error made by the service, in the body that the knob asks for. */
export const storageError = (world: World, status: number, message: string): Reply => {
  switch (world.knobs.storageErrors) {
    case "message":
      return json(status, { message })
    case "fault":
      return json(status, { fault: { faultstring: message, detail: { errorcode: `steps.servicecallout.${status}` } } })
    case "html":
      return { status, headers: { "content-type": "text/html" }, body: `<html><body><h1>${message}</h1></body></html>` }
    default:
      return { status }
  }
}

/** The gateway's answers to a token it does not take. */
const refusals: Readonly<Record<Exclude<Standing, "good">, readonly [string, string]>> = {
  missing: ["Invalid access token", "oauth.v2.InvalidAccessToken"],
  unknown: ["Invalid Access Token", "keymanagement.service.invalid_access_token"],
  expired: ["Access Token expired", "keymanagement.service.access_token_expired"]
}

/** 401 for a request without a good token. */
export const refused = (standing: Exclude<Standing, "good">): Reply => {
  const [faultstring, errorcode] = refusals[standing]
  return json(401, { fault: { faultstring, detail: { errorcode } } })
}
