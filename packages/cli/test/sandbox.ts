/** A sandbox for tests of the command, and pipeline files that read it. */
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { Effect } from "effect"
import { type Sandbox, type SandboxOptions, start } from "@callstream/sandbox"

/** Runs a test beside a sandbox; ended by `Date.now()` unless `now` is set. */
export const beside = <A>(options: SandboxOptions, use: (sandbox: Sandbox) => Promise<A>): Promise<A> =>
  Effect.runPromise(Effect.scoped(Effect.flatMap(start(options), (sandbox) => Effect.promise(() => use(sandbox)))))

/** Writes a pipeline file that reads the recent calls of a sandbox into a local sink; returns its path. */
export const callsFile = (
  folder: string,
  { baseUrls, credentials }: Pick<Sandbox, "baseUrls" | "credentials">,
  more: { readonly token?: string; readonly baseUrl?: string; readonly name?: string } = {}
): string => {
  const { apiKey, region, tenantId, token } = credentials.recentcalls
  const path = join(folder, "callstream.yaml")
  writeFileSync(
    path,
    `name: ${more.name ?? "calls"}
sources:
  calls:
    type: recentcalls
    baseUrl: ${more.baseUrl ?? baseUrls.recentcalls}
    region: ${region}
    tenantId: ${tenantId}
    apiKey: ${apiKey}
    token: ${more.token ?? token}
    since: ${new Date(Date.now() - 32 * 86_400_000).toISOString()}
    lag: 0 s
    poll: 1 s
    rate: { perSecond: 100, concurrency: 2 }
sinks:
  files: { type: local, path: out }
`
  )
  return path
}
