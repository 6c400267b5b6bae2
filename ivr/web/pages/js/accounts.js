// Accounts of a card, as forms take them.

/** The number without what makes it easy to read. */
export const plain = (number) => (number ?? "").replace(/[\s№]/g, "");

/** The account that the card shows in full, if there is one. */
export const accountOf = (card) => card?.accounts?.find(({ masked }) => !masked);
