/** Names of what tests make on servers that others use too. */
import { randomUUID } from "node:crypto"

/** A pipeline's name that no other test has, and none that ran before. */
export const newName = (): string => `e2e-${randomUUID().slice(0, 8)}`
