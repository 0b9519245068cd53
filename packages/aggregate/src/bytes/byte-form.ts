/** How a text is written: in the bits below its length in bytes. */
export const TEXT_FORM = { ASCII: 0, UTF8: 1, HEX: 2 } as const;
export const TEXT_FORMS = 4;
/** Of a text that is so many bytes in lower-case hex: the id of a trace. */
export const HEX_BYTES = 16;
