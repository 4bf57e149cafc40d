export { maskDigits } from "./MaskDigits.ts"
export { plugin, ticketType } from "./Tickets.ts"
