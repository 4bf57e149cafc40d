/** AWS Signature Version 4, by the library's signer; the only file that knows where AWS credentials come from. */
import { AwsSigv4Signer } from "@opensearch-project/opensearch/aws"
import { Effect, Redacted } from "effect"
import type { OpenSearchConfig } from "./Config.ts"

type Aws = Extract<NonNullable<OpenSearchConfig["auth"]>, { readonly type: "aws" }>

interface Credentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string
  readonly expiration?: Date
}

/** No credentials could be found. */
class CredentialsError extends Error {
  override readonly name = "CredentialsError"
}

/** The connection and transport that sign. */
export const signing = (auth: Aws) =>
  Effect.sync(() =>
    AwsSigv4Signer({
      region: auth.region,
      // Any service may be signed for; the declaration names two.
      service: auth.service as "es",
      getCredentials: () => credentialsOf(auth)
    })
  )

const credentialsOf = async ({ accessKeyId, secretAccessKey, sessionToken }: Aws): Promise<Credentials> => {
  if (accessKeyId === undefined || secretAccessKey === undefined) return found()
  return {
    accessKeyId,
    secretAccessKey: Redacted.value(secretAccessKey),
    ...(sessionToken === undefined ? {} : { sessionToken: Redacted.value(sessionToken) })
  }
}

/** An optional peer: who signs with keys in the settings does without it. */
const provider = "@aws-sdk/credential-provider-node"

const found = async (): Promise<Credentials> => {
  const module: { defaultProvider: () => () => Promise<Credentials> } = await import(provider).catch(() => {
    throw new CredentialsError(`no AWS credentials: the package ${provider} is not installed`)
  })
  return module
    .defaultProvider()()
    .catch(() => {
      throw new CredentialsError("no AWS credentials could be found in the environment, a profile or a role")
    })
}
