export { Config } from "./Config.ts"
export { plugin, plugin as recordings } from "./Source.ts"
