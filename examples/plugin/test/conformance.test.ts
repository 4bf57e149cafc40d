import { sourceConformance } from "@callstream/testkit"
import { plugin, ticketType } from "../src/index.ts"
import { startDesk, token } from "./Desk.ts"

sourceConformance("desk", {
  plugin,
  vendor: startDesk,
  settings: ({ url }) => ({ baseUrl: url, token, pageSize: 5 }),
  secrets: () => [token],
  personal: (desk) => desk.tickets().map(({ id }) => `1440555${1000 + Number(id.slice(2))}`),
  refused: { "a wrong token": { token: "a-token-that-nobody-has" } },
  pages: "/tickets?",
  posts: [],
  expected: (desk) =>
    desk.tickets().map((ticket) => ({
      type: ticketType.type,
      source: "acme/desk",
      subject: ticket.id,
      ...(ticket.deleted === true
        ? { op: "delete" }
        : { time: new Date(ticket.changed).toISOString(), data: { title: ticket.title, raw: ticket } })
    })),
  changes: {
    "a new ticket": [(desk) => desk.put()],
    "a ticket that is rewritten": [(desk) => desk.put({ id: "T-3", title: "The printer is out" })],
    "a ticket that is deleted, and comes back": [
      (desk) => desk.put({ id: "T-4", deleted: true }),
      (desk) => desk.put({ id: "T-4", deleted: false })
    ],
    "a ticket that shows an hour late": [(desk) => desk.put({ changed: Date.UTC(2026, 10, 20, 11) })]
  },
  happens: (desk) => {
    desk.put()
    desk.put({ id: "T-1", title: "The printer burns again" })
  }
})
