/**
 * The id that joins everything about one call or chat. It is made of the record's own immutable fields and never looked
 * up, so that it is the same in every version of every record, whichever came first.
 *
 * There are two worlds, and no documented join between them (`sipCallId` is in one of them only): none is invented here.
 */

import { joined } from "./Text.ts"

/** Contact centre: the interaction GUID, which is unique and stands in every record of the interaction. */
export const ofInteraction = (guid: string): string => guid

/**
 * Work: PBX name and call id, for the call id is a counter of its PBX and two PBXes may count alike. The id has no
 * slash, so the last one parts the two whatever the PBX is called.
 */
export const ofWorkCall = (pbx: string, callId: string): string => joined(pbx, "/", callId)
