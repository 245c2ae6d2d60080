// The official SDK of OpenAI, unmodified, against the emulator. The faults are the script's, see run.sh.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import OpenAI from 'openai';

import { drain, origin, requestsOf, weatherSchema } from './emulator.mjs';

const model = 'gpt-4o-mini';
const messages = [{ role: 'user', content: 'Hello there' }];
const client = (more = {}) => new OpenAI({ apiKey: 'sk-test', baseURL: `${origin}/v1`, maxRetries: 0, ...more });
// Every path under /as/openai/NAME/ is OpenAI's too, so that a rule of the script can be for one test.
const faulty = (name, more = {}) => client({ baseURL: `${origin}/as/openai/${name}/v1`, ...more });
const tools = [
  { type: 'function', function: { name: 'get_weather', description: 'The weather.', parameters: weatherSchema } },
];

test('a chat is answered whole, with usage and the id of the request', async () => {
  const { data, response } = await client().chat.completions.create({ model, messages }).withResponse();
  assert.equal(data.choices[0].message.content, 'You wrote 2 words: Hello there');
  assert.equal(data.choices[0].finish_reason, 'stop');
  assert.equal(data.usage.total_tokens, data.usage.prompt_tokens + data.usage.completion_tokens);
  assert.match(data._request_id, /^req_/);
  assert.equal(response.headers.get('x-request-id'), data._request_id);
});

test('rate limits come in header fields', async () => {
  const { response } = await client().chat.completions.create({ model, messages }).withResponse();
  assert.equal(response.headers.get('x-ratelimit-limit-requests'), '10000');
  assert.equal(response.headers.get('x-ratelimit-remaining-requests'), '9999');
  assert.match(response.headers.get('x-ratelimit-reset-tokens'), /^\d+(ms|s)$/);
});

test('a chat is streamed to its end, with usage', async () => {
  const stream = await client().chat.completions.create({
    model, messages, stream: true, stream_options: { include_usage: true },
  });
  const { events, error } = await drain(stream);
  assert.equal(error, undefined);
  assert.equal(events.map((each) => each.choices[0]?.delta.content ?? '').join(''), 'You wrote 2 words: Hello there');
  assert.equal(events.at(-2).choices[0].finish_reason, 'stop');
  assert.ok(events.at(-1).usage.total_tokens > 0);
});

test('a tool is called, and its result is answered', async () => {
  const asked = [{ role: 'user', content: 'Use get_weather {"city": "Oslo"}' }];
  const first = await client().chat.completions.create({ model, messages: asked, tools });
  assert.equal(first.choices[0].finish_reason, 'tool_calls');
  const call = first.choices[0].message.tool_calls[0];
  assert.equal(call.function.name, 'get_weather');
  assert.deepEqual(JSON.parse(call.function.arguments), { city: 'Oslo' });
  const second = await client().chat.completions.create({
    model, tools,
    messages: [...asked, first.choices[0].message, { role: 'tool', tool_call_id: call.id, content: '21 degrees' }],
  });
  assert.equal(second.choices[0].message.content, 'get_weather said: 21 degrees');
});

test('a call of a tool is streamed in pieces, which the SDK puts together', async () => {
  const stream = client().chat.completions.stream({
    model, tools, messages: [{ role: 'user', content: 'Use get_weather {"city": "Oslo"}' }],
  });
  const whole = await stream.finalChatCompletion();
  assert.deepEqual(JSON.parse(whole.choices[0].message.tool_calls[0].function.arguments), { city: 'Oslo' });
});

test('JSON that fits a schema', async () => {
  const answer = await client().chat.completions.parse({
    model, messages,
    response_format: { type: 'json_schema', json_schema: { name: 'weather', strict: true, schema: weatherSchema } },
  });
  assert.deepEqual(answer.choices[0].message.parsed, { city: 'there' });
});

test('a response is whole, and streamed to the same', async () => {
  const whole = await client().responses.create({ model, input: 'Hello there' });
  assert.equal(whole.output_text, 'You wrote 2 words: Hello there');
  assert.equal(whole.status, 'completed');
  const stream = client().responses.stream({ model, input: 'Hello there' });
  const { events, error } = await drain(stream);
  assert.equal(error, undefined);
  assert.equal(events[0].type, 'response.created');
  assert.equal(events.at(-1).type, 'response.completed');
  assert.deepEqual(events.map((each) => each.sequence_number), events.map((_, index) => index));
  assert.equal((await stream.finalResponse()).output_text, whole.output_text);
});

test('a response calls a tool', async () => {
  const answer = await client().responses.create({
    model, input: 'Use get_weather {"city": "Oslo"}',
    tools: [{ type: 'function', name: 'get_weather', parameters: weatherSchema, strict: false }],
  });
  const call = answer.output.find((each) => each.type === 'function_call');
  assert.deepEqual(JSON.parse(call.arguments), { city: 'Oslo' });
});

test('embeddings, which the SDK asks for in base64, are those that come as numbers', async () => {
  const asked = { model: 'text-embedding-3-small', input: ['Hello there', 'Hello'], dimensions: 8 };
  const { result, requests } = await requestsOf(() => client().embeddings.create(asked));
  assert.equal(JSON.parse(requests[0].body).encoding_format, 'base64');
  const numbers = await client().embeddings.create({ ...asked, encoding_format: 'float' });
  assert.equal(result.data.length, 2);
  for (const [index, each] of result.data.entries()) {
    assert.deepEqual(each.embedding, numbers.data[index].embedding.map(Math.fround));
    assert.ok(Math.abs(each.embedding.reduce((sum, x) => sum + x * x, 0) - 1) < 1e-5);
  }
});

test('models are listed and found', async () => {
  const { data } = await client().models.list();
  assert.ok(data.some((each) => each.id === model));
  assert.equal((await client().models.retrieve(model)).id, model);
});

test('each status is the SDK\'s own error', async () => {
  const wrong = { model, messages, temperature: 3 };
  await assert.rejects(client().chat.completions.create(wrong), (error) => {
    assert.ok(error instanceof OpenAI.BadRequestError);
    assert.equal(error.type, 'invalid_request_error');
    assert.equal(error.param, 'temperature');
    assert.match(error.requestID, /^req_/);
    return true;
  });
  await assert.rejects(client({ apiKey: 'sk-wrong' }).models.list(), (error) => {
    assert.ok(error instanceof OpenAI.AuthenticationError);
    assert.equal(error.code, 'invalid_api_key');
    return true;
  });
  await assert.rejects(client().chat.completions.create({ model: 'no-such-model', messages }), (error) => {
    assert.ok(error instanceof OpenAI.NotFoundError);
    assert.equal(error.code, 'model_not_found');
    return true;
  });
  await assert.rejects(faulty('status-429').chat.completions.create({ model, messages }), OpenAI.RateLimitError);
  await assert.rejects(faulty('status-500').chat.completions.create({ model, messages }), OpenAI.InternalServerError);
});

test('what failed once is tried again after the wait that the server names', async () => {
  const { requests } = await requestsOf(() =>
    faulty('once-429', { maxRetries: 2 }).chat.completions.create({ model, messages }));
  assert.equal(requests.length, 2);
});

test('a compressed answer is read', async () => {
  const { data, response } = await faulty('gzip').chat.completions.create({ model, messages }).withResponse();
  assert.equal(response.headers.get('content-encoding'), 'gzip');
  assert.equal(data.choices[0].message.content, 'You wrote 2 words: Hello there');
});

const streamed = (name) =>
  faulty(name).chat.completions.create({ model, messages, stream: true });

test('a stream comes the same through noise, and in pieces of a byte', async () => {
  for (const name of ['noise', 'bytes', 'crlf']) {
    const { events, error } = await drain(await streamed(name));
    assert.equal(error, undefined, name);
    assert.equal(events.map((each) => each.choices[0]?.delta.content ?? '').join(''), 'You wrote 2 words: Hello there', name);
  }
});

test('an error in a stream is an error', async () => {
  const { events, error } = await drain(await streamed('error-event'));
  assert.equal(events.length, 2);
  assert.ok(error instanceof OpenAI.APIError);
  assert.match(error.message, /told to answer 500/);
});

test('an event that is no JSON is an error', async () => {
  const { events, error } = await drain(await streamed('malformed'));
  assert.equal(events.length, 1);
  assert.ok(error instanceof SyntaxError);
});
