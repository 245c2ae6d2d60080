// The official SDK of Anthropic, unmodified, against the emulator. The faults are the script's, see run.sh. Its last
// version for the API of 2023-06-01, which our adapter speaks, and one for that of 2026-10-21, whose messages look the
// same.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import Sdk0 from '@anthropic-ai/sdk';
import Sdk1 from '@anthropic-ai/sdk-1';

import { drain, origin, requestsOf, weatherSchema } from './emulator.mjs';

const model = 'claude-haiku-4-5';
const asked = { model, max_tokens: 256, messages: [{ role: 'user', content: 'Hello there' }] };
const tools = [{ name: 'get_weather', description: 'The weather.', input_schema: weatherSchema }];
const usesTool = { ...asked, tools, messages: [{ role: 'user', content: 'Use get_weather {"city": "Oslo"}' }] };

function testsOf(name, Anthropic) {
  const client = (more = {}) => new Anthropic({ apiKey: 'sk-ant-test', baseURL: origin, maxRetries: 0, ...more });
  const faulty = (name, more = {}) => client({ baseURL: `${origin}/as/anthropic/${name}`, ...more });

  test(`${name}: a message is answered whole, with usage and the id of the request`, async () => {
    const { data, response } = await client().messages.create(asked).withResponse();
    assert.deepEqual(data.content, [{ type: 'text', text: 'You wrote 2 words: Hello there' }]);
    assert.equal(data.stop_reason, 'end_turn');
    assert.ok(data.usage.input_tokens > 0 && data.usage.output_tokens > 0);
    assert.equal(response.headers.get('request-id'), data._request_id);
  });

  test(`${name}: rate limits come in header fields`, async () => {
    const { response } = await client().messages.create(asked).withResponse();
    for (const what of ['requests', 'tokens', 'input-tokens', 'output-tokens']) {
      assert.match(response.headers.get(`anthropic-ratelimit-${what}-limit`), /^\d+$/);
      assert.match(response.headers.get(`anthropic-ratelimit-${what}-remaining`), /^\d+$/);
      assert.ok(!Number.isNaN(Date.parse(response.headers.get(`anthropic-ratelimit-${what}-reset`))));
    }
  });

  test(`${name}: a message is streamed to its end`, async () => {
    const stream = client().messages.stream(asked);
    const { events, error } = await drain(stream);
    assert.equal(error, undefined);
    assert.equal(events[0].type, 'message_start');
    assert.equal(events.at(-1).type, 'message_stop');
    const whole = await stream.finalMessage();
    assert.equal(whole.content[0].text, 'You wrote 2 words: Hello there');
    assert.equal(whole.stop_reason, 'end_turn');
    assert.equal(whole.usage.output_tokens, (await client().messages.create(asked)).usage.output_tokens);
  });

  test(`${name}: a tool is called, whole and streamed, and its result is answered`, async () => {
    const first = await client().messages.create(usesTool);
    assert.equal(first.stop_reason, 'tool_use');
    const call = first.content.find((each) => each.type === 'tool_use');
    assert.deepEqual(call.input, { city: 'Oslo' });
    const streamed = await client().messages.stream(usesTool).finalMessage();
    assert.deepEqual(streamed.content.find((each) => each.type === 'tool_use').input, { city: 'Oslo' });
    const second = await client().messages.create({
      ...usesTool,
      messages: [
        ...usesTool.messages,
        { role: 'assistant', content: first.content },
        { role: 'user', content: [{ type: 'tool_result', tool_use_id: call.id, content: '21 degrees' }] },
      ],
    });
    assert.equal(second.content[0].text, 'get_weather said: 21 degrees');
  });

  test(`${name}: thinking is streamed with its signature`, async () => {
    const whole = await client().messages
      .stream({ ...asked, max_tokens: 2048, thinking: { type: 'enabled', budget_tokens: 1024 } })
      .finalMessage();
    assert.equal(whole.content[0].type, 'thinking');
    assert.equal(whole.content[0].thinking, 'The user wrote 2 words.');
    assert.ok(whole.content[0].signature.length > 0);
  });

  test(`${name}: tokens are counted`, async () => {
    const { max_tokens: _, ...counted } = asked;
    const count = await client().messages.countTokens(counted);
    assert.equal(count.input_tokens, (await client().messages.create(asked)).usage.input_tokens);
  });

  test(`${name}: models are listed over pages`, async () => {
    const ids = [];
    for await (const each of client().models.list({ limit: 2 })) ids.push(each.id);
    assert.ok(ids.length > 2 && ids.includes(model));
    assert.equal(new Set(ids).size, ids.length);
  });

  test(`${name}: each status is the SDK's own error`, async () => {
    const rejected = async (call, kind, type) => assert.rejects(call, (error) => {
      assert.ok(error instanceof kind, error);
      assert.equal(error.error.error.type, type);
      assert.match(error.requestID, /^req_/);
      return true;
    });
    await rejected(client().messages.create({ ...asked, messages: [] }), Anthropic.BadRequestError, 'invalid_request_error');
    await rejected(client({ apiKey: 'wrong' }).messages.create(asked), Anthropic.AuthenticationError, 'authentication_error');
    await rejected(client().messages.create({ ...asked, model: 'no-such-model' }), Anthropic.NotFoundError, 'not_found_error');
    await rejected(faulty('status-429').messages.create(asked), Anthropic.RateLimitError, 'rate_limit_error');
    await rejected(faulty('status-529').messages.create(asked), Anthropic.InternalServerError, 'overloaded_error');
  });

  test(`${name}: what failed once is tried again`, async () => {
    const { requests } = await requestsOf(() => faulty(`once-429-${name}`, { maxRetries: 2 }).messages.create(asked));
    assert.equal(requests.length, 2);
  });

  test(`${name}: a stream comes the same through noise, and in pieces of a byte`, async () => {
    for (const how of ['noise', 'bytes', 'crlf']) {
      const whole = await faulty(how).messages.stream(asked).finalMessage();
      assert.equal(whole.content[0].text, 'You wrote 2 words: Hello there', how);
    }
  });

  test(`${name}: an error in a stream is an error`, async () => {
    const { events, error } = await drain(await faulty('error-event').messages.create({ ...asked, stream: true }));
    assert.equal(events.length, 2);
    assert.ok(error instanceof Anthropic.APIError);
  });

  test(`${name}: a stream that breaks off has no final message`, async () => {
    await assert.rejects(faulty('cut').messages.stream(asked).finalMessage(), Anthropic.AnthropicError);
  });
}

testsOf('sdk0', Sdk0);
testsOf('sdk1', Sdk1);
