// The official SDK of Google, unmodified, against the emulator. The faults are the script's, see run.sh.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ApiError, FunctionCallingConfigMode, GoogleGenAI } from '@google/genai';

import { drain, origin, weatherSchema } from './emulator.mjs';

const model = 'gemini-2.5-flash';
const asked = { model, contents: 'Hello there' };
const client = (baseUrl = origin, apiKey = 'test-key') => new GoogleGenAI({ apiKey, httpOptions: { baseUrl } });
const faulty = (name) => client(`${origin}/as/google/${name}`);
const tools = [{ functionDeclarations: [{ name: 'get_weather', parametersJsonSchema: weatherSchema }] }];

test('content is generated whole, with usage', async () => {
  const answer = await client().models.generateContent(asked);
  assert.equal(answer.text, 'You wrote 2 words: Hello there');
  assert.equal(answer.candidates[0].finishReason, 'STOP');
  const usage = answer.usageMetadata;
  assert.equal(usage.totalTokenCount, usage.promptTokenCount + usage.candidatesTokenCount);
  assert.equal(answer.modelVersion, model);
});

test('content is streamed to its end', async () => {
  const { events, error } = await drain(await client().models.generateContentStream(asked));
  assert.equal(error, undefined);
  assert.equal(events.map((each) => each.text ?? '').join(''), 'You wrote 2 words: Hello there');
  assert.equal(events.at(-1).candidates[0].finishReason, 'STOP');
  assert.ok(events.at(-1).usageMetadata.candidatesTokenCount > 0);
});

test('a tool is called, whole and streamed, and its result is answered', async () => {
  const question = { role: 'user', parts: [{ text: 'Use get_weather {"city": "Oslo"}' }] };
  const uses = { model, contents: [question], config: { tools } };
  const first = await client().models.generateContent(uses);
  assert.equal(first.functionCalls[0].name, 'get_weather');
  assert.deepEqual(first.functionCalls[0].args, { city: 'Oslo' });
  const { events } = await drain(await client().models.generateContentStream(uses));
  assert.deepEqual(events.flatMap((each) => each.functionCalls ?? []).map((each) => each.args), [{ city: 'Oslo' }]);
  const second = await client().models.generateContent({
    ...uses,
    contents: [
      question,
      first.candidates[0].content,
      { role: 'user', parts: [{ functionResponse: { name: 'get_weather', response: { output: '21 degrees' } } }] },
    ],
  });
  assert.equal(second.text, 'get_weather said: 21 degrees');
});

test('a tool can be demanded', async () => {
  const toolConfig = { functionCallingConfig: { mode: FunctionCallingConfigMode.ANY } };
  const answer = await client().models.generateContent({ ...asked, config: { tools, toolConfig } });
  assert.deepEqual(answer.functionCalls[0].args, { city: 'there' });
});

test('JSON that fits a schema', async () => {
  const answer = await client().models.generateContent({
    ...asked, config: { responseMimeType: 'application/json', responseJsonSchema: weatherSchema },
  });
  assert.deepEqual(JSON.parse(answer.text), { city: 'there' });
});

test('thoughts are shown when they are asked for', async () => {
  const answer = await client().models.generateContent({
    ...asked, config: { thinkingConfig: { includeThoughts: true, thinkingBudget: 1024 } },
  });
  assert.equal(answer.candidates[0].content.parts[0].thought, true);
  assert.ok(answer.usageMetadata.thoughtsTokenCount > 0);
});

test('a prompt that is refused has no candidates', async () => {
  const answer = await client().models.generateContent({ model, contents: '[refuse] this' });
  assert.equal(answer.candidates, undefined);
  assert.equal(answer.promptFeedback.blockReason, 'PROHIBITED_CONTENT');
});

test('texts are embedded, one and several', async () => {
  const embed = (contents) => client().models.embedContent({
    model: 'gemini-embedding-001', contents, config: { outputDimensionality: 8 },
  });
  const one = await embed('Hello there');
  const two = await embed(['Hello there', 'Hello']);
  assert.equal(two.embeddings.length, 2);
  assert.equal(one.embeddings[0].values.length, 8);
  assert.deepEqual(one.embeddings[0].values, two.embeddings[0].values);
});

test('tokens are counted', async () => {
  const count = await client().models.countTokens(asked);
  const answer = await client().models.generateContent(asked);
  assert.equal(count.totalTokens, answer.usageMetadata.promptTokenCount);
});

test('models are listed over pages', async () => {
  const names = [];
  for await (const each of await client().models.list({ config: { pageSize: 3 } })) names.push(each.name);
  assert.ok(names.includes(`models/${model}`));
  assert.equal(new Set(names).size, names.length);
});

test('each status is the SDK\'s own error, with the provider\'s words', async () => {
  const rejected = (call, status, word) => assert.rejects(call, (error) => {
    assert.ok(error instanceof ApiError, error);
    assert.equal(error.status, status);
    assert.equal(JSON.parse(error.message).error.status, word);
    return true;
  });
  await rejected(client().models.generateContent({ ...asked, config: { temperature: 3 } }), 400, 'INVALID_ARGUMENT');
  await rejected(client(origin, 'wrong-key').models.generateContent(asked), 400, 'INVALID_ARGUMENT');
  await rejected(client().models.generateContent({ ...asked, model: 'no-such-model' }), 404, 'NOT_FOUND');
  await rejected(faulty('status-429').models.generateContent(asked), 429, 'RESOURCE_EXHAUSTED');
  await rejected(faulty('status-500').models.generateContent(asked), 500, 'INTERNAL');
});

test('the wait of a rate limit stands in the body', async () => {
  await assert.rejects(faulty('retry-info').models.generateContent(asked), (error) => {
    const details = JSON.parse(error.message).error.details;
    assert.equal(details.find((each) => each['@type'].endsWith('RetryInfo')).retryDelay, '34s');
    return true;
  });
});

test('a stream comes the same in pieces of a byte', async () => {
  for (const name of ['bytes', 'crlf']) {
    const { events, error } = await drain(await faulty(name).models.generateContentStream(asked));
    assert.equal(error, undefined, name);
    assert.equal(events.map((each) => each.text ?? '').join(''), 'You wrote 2 words: Hello there', name);
  }
});
