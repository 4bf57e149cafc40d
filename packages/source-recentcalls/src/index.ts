export { Config } from "./Config.ts"
export { plugin, plugin as recentcalls } from "./Source.ts"
