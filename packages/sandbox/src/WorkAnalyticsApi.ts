import type { Api } from "./Http.ts"
import type { World } from "./World.ts"

export const workAnalyticsApi = (_world: World, ..._more: ReadonlyArray<unknown>): Api => ({
  handle: () => ({ status: 501 }),
  shift: () => {},
  expireTokens: () => {}
})
