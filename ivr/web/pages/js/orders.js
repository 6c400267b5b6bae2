// Calls that this page has ordered. The exchange rings this telephone for them, and the page answers by itself; it
// may ring before the order's own answer has come.
const REMEMBERED = 20;
const given = new Set();
const asked = new Set();

/** Wait for an order and note its id; `noted(order)` runs at once with that. Throws what the API throws. */
export async function order(request, noted) {
  const waiting = request.then((answer) => {
    given.add(answer.order_id);
    if (given.size > REMEMBERED) given.delete(given.values().next().value);
    noted(answer);
  });
  asked.add(waiting);
  try {
    await waiting;
  } finally {
    asked.delete(waiting);
  }
}

/** Whether this page gave the order. */
export async function isOurs(orderId) {
  if (!orderId) return false;
  if (!given.has(orderId)) await Promise.allSettled([...asked]);
  return given.has(orderId);
}
