export { Config } from "./Config.ts"
export { plugin, plugin as workanalytics } from "./Source.ts"
