/** The settings of the `recordings` source. */
import { DateTime, Option, Schema } from "effect"
import { Settings } from "@callstream/core"

const only = (description: string) => Schema.optionalKey(Schema.NonEmptyString.annotate({ description }))

/** Fields that both lists can be filtered by. */
const shared = {
  agentID: only("The agent, as the vendor writes it."),
  queueID: only("The queue, as the vendor writes it."),
  queueName: only("Name of the queue."),
  caseID: only("Case in the contact centre's CRM."),
  transactionID: only("One transaction."),
  duration: only("Seconds, exactly.")
}

/** The vendor's own filters: all but those by time, which are ours, and by what has fields inside. */
const Filters = Schema.Struct({
  files: Schema.optionalKey(
    Schema.Struct({
      ...shared,
      phoneNumber: only("The other party, as the vendor writes it."),
      channel: only("Number of the channel, `#virtual_outbound#` or `#virtual_daa#`."),
      accountNumber: only("Account in that CRM."),
      extVar1: only("First variable of the call's script."),
      extVar2: only("Second variable of the call's script."),
      outDialCode: only("Code the agent chose to dial out."),
      filename: only("One recording.")
    }).annotate({ description: "Of recordings, only those with exactly these." })
  ),
  transcripts: Schema.optionalKey(
    Schema.Struct({
      ...shared,
      agentName: only("Name of the agent, `Bill,Jackson`."),
      contactID: only("The customer's side of the chat."),
      contactName: only("Name of the customer."),
      channelID: only("Id of the channel."),
      channelName: only("Name of the channel."),
      targetIP: only("IP address of the customer's side."),
      interactionGUID: only("One chat."),
      transcriptType: only("Between whom, e.g. `A2C`."),
      metaData_fieldName: only("A part of the name of some metadata."),
      metaData_fieldValue: only("A part of the value of some metadata.")
    }).annotate({ description: "Of chats, only those with exactly these." })
  )
})

export const Config = Schema.Struct({
  ...Settings.sourceSettings({
    poll: "1 min",
    lag: "1 min",
    // A call shows when it has ended, under the time it began, and may be completed an hour later.
    lookback: [
      { span: "2 h", every: "5 min" },
      { span: "12 h", every: "1 h" },
      { span: "3 d", every: "1 d" }
    ],
    perSecond: 1,
    concurrency: 2
  }),
  tenant: Schema.NonEmptyString.annotate({
    description: "Name of the contact-centre tenant; its platform stands in baseUrl.",
    examples: ["acmecorp01"]
  }),
  token: Settings.secret(
    "The Data Request Token of the tenant: Configuration Manager, Integration, API Token. A new token ends the one before."
  ),
  format: Settings.withDefault(
    Schema.Literals(["xml", "csv", "json"]).annotate({
      description: "The form answers are asked for in. Older hosts know no json. What is read from them is the same."
    }),
    "xml"
  ),
  timezone: Settings.withDefault(
    Schema.NonEmptyString.annotate({
      description:
        "Zone in which the vendor writes times, an IANA name. It changes how they are written, not which they are."
    }).check(
      Schema.makeFilter((name: string) =>
        Option.isSome(DateTime.zoneMakeNamed(name)) ? undefined : "Expected a time zone such as UTC or America/New_York"
      )
    ),
    "UTC"
  ),
  filters: Settings.withDefault(
    Filters.annotate({
      description: "Only rows whose fields are these, in the vendor's names and case. Left out: all.",
      examples: [{ files: { channel: "8005551234" }, transcripts: { metaData_fieldName: "Color" } }]
    }),
    {}
  )
}).check(...Settings.together)
export type Config = typeof Config.Type
