import type { Verb } from "../verb.ts";
import { hold, unhold } from "./hold.ts";

/** All verbs, in the order in which help shows them. */
export const verbs: readonly Verb[] = [hold, unhold];
