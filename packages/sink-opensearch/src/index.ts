export { OpenSearchConfig } from "./Config.ts"
