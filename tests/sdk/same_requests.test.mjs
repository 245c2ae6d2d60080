// What our adapters send is what the provider's own SDK sends for the same call: method, target, header fields and the
// body as JSON. The differences that are meant are listed here, each with its reason; any other is a failure.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { promisify } from 'node:util';

import Anthropic from '@anthropic-ai/sdk';
import Anthropic1 from '@anthropic-ai/sdk-1';
import { FunctionCallingConfigMode, GoogleGenAI } from '@google/genai';
import OpenAI from 'openai';

import { drain, origin, requestsOf, weatherSchema } from './emulator.mjs';

const key = 'sk-test';
const openai = new OpenAI({ apiKey: key, baseURL: `${origin}/v1`, maxRetries: 0 });
const anthropic = new Anthropic({ apiKey: key, baseURL: origin, maxRetries: 0 });
const anthropic1 = new Anthropic1({ apiKey: key, baseURL: origin, maxRetries: 0 });
const google = new GoogleGenAI({ apiKey: key, httpOptions: { baseUrl: origin } });

const environment = {
  ...process.env,
  OPENAI_API_KEY: key, OPENAI_BASE_URL: `${origin}/v1`,
  ANTHROPIC_API_KEY: key, ANTHROPIC_BASE_URL: origin,
  GEMINI_API_KEY: key, GOOGLE_GEMINI_BASE_URL: origin,
};

// Header fields that only one side sends, or that say who sends.
const meantFields = [
  /^x-stainless-/, // telemetry
  /^x-goog-api-client$/, // telemetry
  /^user-agent$/, // each names itself
  /^connection$/, // hop by hop: the pool's own keep-alive
  /^keep-alive$/, // as well
  /^content-length$/, // of the same JSON, written with other white space and another order
  /^accept-encoding$/, // what each can decode
  /^accept-language$/, /^sec-fetch-mode$/, // of Node's fetch, on every request
  /^accept$/, // each names JSON, or nothing, whatever it can read
  /^anthropic-dangerous-direct-browser-access$/, // of browsers
  /^x-server-timeout$/, // a hint of Google's SDK when it has a timeout
];

// What else is meant, by side and call.
function reconcile(api, what, ours, theirs) {
  if (api === 'anthropic1') {
    // This SDK speaks the API's version of 2026-10-21, and sends a key as a bearer token; ours speaks 2023-06-01.
    assert.equal(theirs.fields['anthropic-version'], '2026-10-21');
    assert.equal(theirs.fields.authorization, `Bearer ${ours.fields['x-api-key']}`);
    for (const name of ['anthropic-version', 'authorization', 'x-api-key']) {
      delete ours.fields[name];
      delete theirs.fields[name];
    }
  }
  if (api === 'google') {
    // The SDK sends this whenever it is given a config, even when nothing in it belongs there.
    if (theirs.body?.generationConfig && Object.keys(theirs.body.generationConfig).length === 0) {
      delete theirs.body.generationConfig;
    }
    // It names the type of a body that is not there.
    if (theirs.method === 'GET') delete theirs.fields['content-type'];
    // It sends a single text as a batch of one; ours uses embedContent, where the model stands in the path alone.
    if (what === 'embed') {
      assert.match(theirs.target, /:batchEmbedContents$/);
      assert.equal(theirs.body.requests.length, 1);
      const { model: _, ...only } = theirs.body.requests[0];
      theirs.body = only;
      theirs.target = theirs.target.replace('batchEmbedContents', 'embedContent');
    }
  }
}

function fieldsOf(seen) {
  const fields = {};
  for (const [name, value] of seen.headers) {
    const lower = name.toLowerCase();
    if (!meantFields.some((each) => each.test(lower))) fields[lower] = value;
  }
  return fields;
}

function comparable(seen) {
  const body = seen.body === '' ? null : JSON.parse(seen.body);
  return { method: seen.method, target: seen.target, fields: fieldsOf(seen), body };
}

async function ourRequest(api, what) {
  const { requests } = await requestsOf(async () => {
    try {
      await promisify(execFile)(process.env.OUR_CALLS, [api.replace('anthropic1', 'anthropic'), what], { env: environment });
    } catch (failed) {
      assert.fail(`our_calls ${api} ${what}: ${failed.stderr}${failed.stdout}`);
    }
  });
  assert.equal(requests.length, 1);
  return requests[0];
}

async function theirRequest(call) {
  const { requests } = await requestsOf(call);
  assert.equal(requests.length, 1);
  return requests[0];
}

function same(api, what, call) {
  test(`${api}: ${what}`, async () => {
    const ours = comparable(await ourRequest(api, what));
    const theirs = comparable(await theirRequest(call));
    reconcile(api, what, ours, theirs);
    assert.deepEqual(ours, theirs);
  });
}

const picture = Buffer.from('not a picture').toString('base64');
const args = { city: 'Oslo' };

// --- OpenAI's Chat Completions and embeddings ---

const user = (content) => ({ role: 'user', content });
const chat = { model: 'gpt-4o-mini', messages: [user('Hello there')] };
const chatTool = {
  type: 'function', function: { name: 'get_weather', description: 'The weather.', parameters: weatherSchema },
};
const chatWith = (more) => () => openai.chat.completions.create({ ...chat, ...more });

same('chat', 'hello', chatWith({}));
same('chat', 'stream', async () => drain(await chatWith({ stream: true, stream_options: { include_usage: true } })()));
same('chat', 'options', chatWith({
  messages: [{ role: 'system', content: 'Be brief.' }, user('Hello there')],
  temperature: 0.25, top_p: 0.5, max_completion_tokens: 64, stop: ['END', 'STOP'], seed: 7,
}));
same('chat', 'tools', chatWith({
  tools: [chatTool], tool_choice: { type: 'function', function: { name: 'get_weather' } },
}));
same('chat', 'result', chatWith({
  tools: [chatTool],
  messages: [
    user('Hello there'),
    {
      role: 'assistant', content: null,
      tool_calls: [{ id: 'call_1', type: 'function', function: { name: 'get_weather', arguments: JSON.stringify(args) } }],
    },
    { role: 'tool', tool_call_id: 'call_1', content: '21 degrees' },
  ],
}));
same('chat', 'image', chatWith({
  messages: [user([
    { type: 'text', text: 'Hello there' },
    { type: 'image_url', image_url: { url: `data:image/png;base64,${picture}` } },
  ])],
}));
same('chat', 'schema', chatWith({
  response_format: { type: 'json_schema', json_schema: { name: 'weather', schema: weatherSchema, strict: true } },
}));
same('chat', 'effort', chatWith({ reasoning_effort: 'low' }));
const embedding = { model: 'text-embedding-3-small', dimensions: 8 };
same('chat', 'embed', () => openai.embeddings.create({ ...embedding, input: 'Hello there' }));
same('chat', 'embed_two', () => openai.embeddings.create({ ...embedding, input: ['Hello there', 'Hello'] }));
same('chat', 'models', () => openai.models.list());

// --- OpenAI's Responses ---

const asked = { model: 'gpt-4o-mini', input: [user('Hello there')] };
const responseTool = {
  type: 'function', name: 'get_weather', description: 'The weather.', parameters: weatherSchema, strict: false,
};
const respond = (more) => () => openai.responses.create({ ...asked, ...more });

same('responses', 'hello', respond({}));
same('responses', 'stream', async () => drain(await respond({ stream: true })()));
same('responses', 'options', respond({
  input: [{ role: 'system', content: 'Be brief.' }, user('Hello there')],
  temperature: 0.25, top_p: 0.5, max_output_tokens: 64,
}));
same('responses', 'tools', respond({ tools: [responseTool], tool_choice: { type: 'function', name: 'get_weather' } }));
same('responses', 'result', respond({
  tools: [responseTool],
  input: [
    user('Hello there'),
    { type: 'function_call', call_id: 'call_1', name: 'get_weather', arguments: JSON.stringify(args) },
    { type: 'function_call_output', call_id: 'call_1', output: '21 degrees' },
  ],
}));
same('responses', 'image', respond({
  input: [user([
    { type: 'input_text', text: 'Hello there' },
    { type: 'input_image', image_url: `data:image/png;base64,${picture}`, detail: 'auto' },
  ])],
}));
same('responses', 'schema', respond({
  text: { format: { type: 'json_schema', name: 'weather', schema: weatherSchema, strict: true } },
}));
same('responses', 'effort', respond({ reasoning: { effort: 'low' } }));

// --- Anthropic ---

const message = { model: 'claude-haiku-4-5', max_tokens: 256, messages: [user('Hello there')] };
const anthropicTool = { name: 'get_weather', description: 'The weather.', input_schema: weatherSchema };

for (const [api, client] of [['anthropic', anthropic], ['anthropic1', anthropic1]]) {
  const say = (more) => () => client.messages.create({ ...message, ...more });
  same(api, 'hello', say({}));
  same(api, 'stream', async () => drain(await say({ stream: true })()));
  same(api, 'options', say({
    system: 'Be brief.', temperature: 0.25, top_p: 0.5, max_tokens: 64, stop_sequences: ['END', 'STOP'],
  }));
  same(api, 'tools', say({ tools: [anthropicTool], tool_choice: { type: 'tool', name: 'get_weather' } }));
  same(api, 'result', say({
    tools: [anthropicTool],
    messages: [
      user('Hello there'),
      { role: 'assistant', content: [{ type: 'tool_use', id: 'call_1', name: 'get_weather', input: args }] },
      user([{ type: 'tool_result', tool_use_id: 'call_1', content: '21 degrees' }]),
    ],
  }));
  same(api, 'image', say({
    messages: [user([
      { type: 'text', text: 'Hello there' },
      { type: 'image', source: { type: 'base64', media_type: 'image/png', data: picture } },
    ])],
  }));
  same(api, 'schema', say({ output_config: { format: { type: 'json_schema', schema: weatherSchema } } }));
  same(api, 'effort', say({ max_tokens: 2048, thinking: { type: 'enabled', budget_tokens: 1024 } }));
  same(api, 'adaptive_effort', say({
    model: 'claude-sonnet-4-6', max_tokens: 2048, thinking: { type: 'adaptive' }, output_config: { effort: 'low' },
  }));
  same(api, 'count', () => {
    const { max_tokens: _, ...counted } = message;
    return client.messages.countTokens(counted);
  });
  same(api, 'models', () => client.models.list());
}

// --- Google ---

const model = 'gemini-2.5-flash';
const turn = (...parts) => ({ role: 'user', parts });
const text = { text: 'Hello there' };
const googleTool = {
  functionDeclarations: [{ name: 'get_weather', description: 'The weather.', parametersJsonSchema: weatherSchema }],
};
const generate = (config, contents = [turn(text)]) => () => google.models.generateContent({ model, contents, config });

same('google', 'hello', generate());
same('google', 'stream', async () => drain(await google.models.generateContentStream({ model, contents: 'Hello there' })));
same('google', 'options', generate({
  systemInstruction: { parts: [{ text: 'Be brief.' }] },
  temperature: 0.25, topP: 0.5, maxOutputTokens: 64, stopSequences: ['END', 'STOP'], seed: 7,
}));
same('google', 'tools', generate({
  tools: [googleTool],
  toolConfig: {
    functionCallingConfig: { mode: FunctionCallingConfigMode.ANY, allowedFunctionNames: ['get_weather'] },
  },
}));
same('google', 'result', generate({ tools: [googleTool] }, [
  turn(text),
  { role: 'model', parts: [{ functionCall: { id: 'call_1', name: 'get_weather', args } }] },
  turn({ functionResponse: { id: 'call_1', name: 'get_weather', response: { output: '21 degrees' } } }),
]));
same('google', 'image', generate(undefined, [turn(text, { inlineData: { mimeType: 'image/png', data: picture } })]));
same('google', 'schema', generate({ responseMimeType: 'application/json', responseJsonSchema: weatherSchema }));
same('google', 'effort', generate({ thinkingConfig: { thinkingBudget: 1024 } }));
const vectors = { model: 'gemini-embedding-001', config: { outputDimensionality: 8 } };
same('google', 'embed', () => google.models.embedContent({ ...vectors, contents: 'Hello there' }));
same('google', 'embed_two', () => google.models.embedContent({ ...vectors, contents: ['Hello there', 'Hello'] }));
same('google', 'count', () => google.models.countTokens({ model, contents: [turn(text)] }));
same('google', 'models', () => google.models.list());
