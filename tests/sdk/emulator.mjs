// The emulator that a test file talks to: run.sh started it with --record and named it in the environment.
export const origin = process.env.EMULATOR_ORIGIN;

// What has come so far, from the number on that `after` is of.
export async function requestsAfter(after = 0) {
  const answer = await fetch(`${origin}/_emulator/requests?after=${after}`);
  return (await answer.json()).requests;
}

export async function lastNumber() {
  const seen = await requestsAfter();
  return seen.length === 0 ? 0 : seen[seen.length - 1].number;
}

// Gives one request a number of its own and every try of `call` the rest.
export async function requestsOf(call) {
  const before = await lastNumber();
  const result = await call();
  return { result, requests: await requestsAfter(before) };
}

// All that an iterator of a stream yields, and what it threw.
export async function drain(stream) {
  const events = [];
  try {
    for await (const event of stream) events.push(event);
  } catch (error) {
    return { events, error };
  }
  return { events };
}

export const weatherSchema = {
  type: 'object',
  properties: { city: { type: 'string' } },
  required: ['city'],
};
