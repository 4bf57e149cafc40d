/** A far side of a test's own, for answers that no sandbox and no real server gives. */
import { createServer, type RequestListener } from "node:http"
import { Effect, type Scope } from "effect"

/** Listens on this machine as long as the scope, and answers like this; gives its URL, without a path. */
export const farSide = (answer: RequestListener): Effect.Effect<string, never, Scope.Scope> =>
  Effect.map(
    Effect.acquireRelease(
      Effect.callback<{ readonly port: number; readonly close: () => void }>((resume) => {
        const server = createServer(answer)
        server.listen(0, "127.0.0.1", () => {
          const address = server.address()
          const close = () => {
            server.closeAllConnections()
            server.close()
          }
          resume(Effect.succeed({ port: typeof address === "object" ? (address?.port ?? 0) : 0, close }))
        })
      }),
      ({ close }) => Effect.sync(close)
    ),
    ({ port }) => `http://127.0.0.1:${port}`
  )
