export { Config } from "./Config.ts"
export { plugin, plugin as storage } from "./Source.ts"
