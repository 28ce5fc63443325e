/** Version of cutover itself; part of every receipt, since promotion compares it (design.md 6). */
export const toolVersion = "0.1.0";
