// Real coding agents against the emulator: a plain turn, one with a tool, and two that break off. Run by run.sh, in a
// network namespace with loopback alone and an empty environment: the folder that the agents are installed in, the
// warmwire program, and the names of the agents to run (all).
//
// Prints what each agent sent and said, and a table. Exit code 1 when an agent did not complete one of the first two, or
// when one took the fragment of an answer for success that the emulator had not broken off.
import { spawn } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { agents, baseUrls } from './agents.mjs';

const [folder, warmwire, ...wanted] = process.argv.slice(2);
const limit = 240_000; // ms, of a turn that ends
const brokenLimit = 60_000; // ms, of one that breaks off: some agents try again for ever
const secret = 'kingfisher 4711'; // what the file says

// --- the emulator and an agent, for one turn ---

// All that comes, and the first thing that `find` finds in what has come.
function textOf(stream, find = () => undefined) {
  let text = '';
  let tell;
  const found = new Promise((resolve) => { tell = resolve; });
  const read = async () => {
    for await (const piece of stream) {
      text += piece;
      const seen = find(text);
      if (seen) tell(seen);
    }
    tell();
    return text;
  };
  return { text: read(), found };
}

async function startEmulator(faults) {
  const rules = faults.flatMap((each) => ['--fault', each]);
  const child = spawn(warmwire, ['emulate', '--listen', '127.0.0.1:0', '--plain', '--record', '--json', ...rules]);
  const report = textOf(child.stdout);
  const told = textOf(child.stderr, (text) => /base URL\s+http:\/\/localhost:(\d+)/.exec(text)?.[1]);
  const port = await told.found;
  if (!port) throw new Error(`the emulator did not start: ${await told.text}`);
  return { child, report: report.text, origin: `http://127.0.0.1:${port}` };
}

async function requestsTo(origin) {
  return (await (await fetch(`${origin}/_emulator/requests`)).json()).requests;
}

// What of the requests it did not know.
async function stopEmulator({ child, report }) {
  child.kill('SIGTERM');
  return Object.keys(JSON.parse(await report).unknown_fields);
}

async function runAgent(agent, environment, prompt, limitOfTurn) {
  const [program, ...options] = agent.command;
  const child = spawn(program, [...options, ...(agent.split ? prompt.split(' ') : [prompt])],
    { cwd: agent.work, env: environment, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    process.kill(-child.pid, 'SIGKILL');
  }, limitOfTurn);
  const exit = new Promise((resolve) => child.on('exit', (code, signal) => resolve(code ?? signal)));
  const [said, complained] = await Promise.all([textOf(child.stdout).text, textOf(child.stderr).text]);
  const code = await exit;
  clearTimeout(timer);
  return { said, complained, code: isLate ? `none within ${limitOfTurn / 1000} s` : code };
}

// Whether a request of the agent's, sent once more, is answered by a stream without its end.
async function isBrokenOff(origin, request) {
  const headers = request.headers.filter(([name]) => !/^(host|connection|content-length|accept-encoding|:.*)$/i.test(name));
  try {
    const answer = await fetch(origin + request.target, { method: request.method, headers, body: request.body });
    return !/message_stop|response\.completed|\[DONE\]|"finishReason"/.test(await answer.text());
  } catch {
    return true; // the connection broke
  }
}

function parsed(request) {
  try {
    return JSON.parse(request.body);
  } catch {
    return undefined;
  }
}

async function takeTurn(name, turn, prompt, faults = []) {
  const agent = agents[name];
  const emulator = await startEmulator(faults);
  try {
    const urls = baseUrls(emulator.origin);
    for (const [path, text] of Object.entries(agent.settings(urls))) {
      mkdirSync(join(agent.home, path, '..'), { recursive: true });
      writeFileSync(join(agent.home, path), text);
    }
    const environment = {
      PATH: process.env.PATH, HOME: agent.home, TMPDIR: join(agent.home, 'tmp'), TERM: 'dumb', ...agent.environment(urls),
    };
    const seen = await runAgent(agent, environment, prompt, faults.length > 0 ? brokenLimit : limit);
    const sent = await requestsTo(emulator.origin);
    const asked = sent.findLast((each) => parsed(each) && agent.tools(parsed(each)).length > 0);
    const isBroken = faults.length > 0 && asked !== undefined && await isBrokenOff(emulator.origin, asked);
    const result = { name, turn, ...seen, sent, isBroken, unknown: await stopEmulator(emulator) };
    print(result);
    return result;
  } finally {
    emulator.child.kill('SIGKILL');
  }
}

// --- what is printed ---

function indented(text) {
  const most = 2000;
  const shown = text.trim();
  const cut = shown.length > most ? `${shown.slice(0, most)} … (${shown.length} characters)` : shown;
  return (cut || '(nothing)').replace(/^/gm, '    ');
}

function describe(request, agent) {
  const body = parsed(request);
  if (body === undefined) return `${request.method} ${request.target}  ${request.body.length} characters`;
  const list = Object.keys(body).map((each) => (Array.isArray(body[each]) ? `${each}[${body[each].length}]` : each));
  return `${request.method} ${request.target}  ${request.body.length} characters: ${list.join(' ')}; `
    + `${agent.tools(body).length} tools`;
}

function print({ name, turn, code, said, complained, sent, unknown }) {
  console.log(`\n=== ${name}, ${turn}: exit code ${code}`);
  const shown = sent.slice(0, 6).map((each) => describe(each, agents[name]));
  if (sent.length > shown.length) shown.push(`… and ${sent.length - shown.length} more`);
  console.log(`  sent\n${indented(shown.join('\n'))}`);
  if (unknown.length > 0) console.log(`  of this the emulator does not know\n${indented(unknown.join('\n'))}`);
  console.log(`  said\n${indented(said)}\n  on standard error\n${indented(complained)}`);
}

// --- the turns ---

// Arguments for a tool that reads files, by the names that its schema has; text for one without a schema.
function argumentsFor({ name, schema }, file) {
  if (!schema) return `text((await tools.exec_command(${JSON.stringify({ cmd: `cat ${file}` })})).output)`;
  const properties = Object.keys(schema.properties);
  const path = properties.find((each) => /^(absolute_?|file_?)?path$/i.test(each));
  const command = properties.find((each) => /^(cmd|command)$/.test(each));
  const given = path ? { [path]: file } : { [command]: `cat ${file}` };
  const missing = (schema.required ?? []).filter((each) => !(each in given));
  if (missing.length > 0 || 'undefined' in given) throw new Error(`${name} wants ${properties.join(', ')}`);
  return JSON.stringify(given);
}

function readingPrompt(name, plain) {
  const agent = agents[name];
  const tools = plain.sent.map(parsed).filter(Boolean).flatMap(agent.tools);
  const tool = agent.reads.map((wanted) => tools.find((each) => each.name === wanted)).find(Boolean);
  if (!tool) throw new Error(`${name} has no tool that reads, but ${tools.map((each) => each.name).join(', ')}`);
  return `${tool.name} ${argumentsFor(tool, join(agent.work, 'note.txt'))}`;
}

// The emulator repeats the prompt.
function judgePlain({ code, said }) {
  return code === 0 && said.includes('You wrote') && said.includes('halcyon') ? 'ok' : 'FAILED';
}

function judgeTool({ code, said, sent }) {
  const isRead = sent.some((each) => each.body.includes(secret));
  if (!isRead) return 'FAILED: the file was not read';
  return code === 0 && said.includes('said:') && said.includes(secret) ? 'ok' : 'FAILED';
}

// The last word of the prompt would come last. Only streams are broken off: who asks without one gets the answer.
function judgeBroken({ code, said, complained, sent, isBroken }) {
  const asksWhole = sent.some((each) => each.target.startsWith('/v1/') && parsed(each)?.tools && !parsed(each).stream);
  if (said.includes('halcyon')) return asksWhole ? 'ok: asked anew without a stream' : 'FAILED: the answer is whole';
  const hasFragment = said.includes('You wrote');
  if (typeof code !== 'number') return hasFragment ? 'its own doing: the fragment, again and again' : 'ok: tries again and again';
  if (code !== 0) return 'ok: an error';
  if (!hasFragment) return 'ok: no answer, exit code 0';
  if (!isBroken) return 'FAILED: the fragment as success of a whole stream';
  const isTold = /error/i.test(complained) ? ', though it tells of an error' : '';
  return `its own doing: the fragment of a stream without end as success${isTold}`;
}

async function tryAgent(name) {
  const agent = agents[name];
  agent.home = join(folder, 'homes', name);
  agent.work = join(folder, 'work', name);
  for (const each of [agent.home, agent.work]) rmSync(each, { recursive: true, force: true });
  for (const each of [join(agent.home, 'tmp'), agent.work]) mkdirSync(each, { recursive: true });
  writeFileSync(join(agent.work, 'note.txt'), `${secret}\n`);
  const verdicts = {};
  const plain = await takeTurn(name, 'plain', 'Say halcyon');
  verdicts.plain = judgePlain(plain);
  verdicts.tool = judgeTool(await takeTurn(name, 'tool', readingPrompt(name, plain)));
  const long = `Say ${'one two three '.repeat(20)}halcyon`;
  verdicts.cut = judgeBroken(await takeTurn(name, 'cut', long, ['path /v1: cut after 20 events']));
  verdicts.reset = judgeBroken(await takeTurn(name, 'reset', long, ['path /v1: reset after 20 events']));
  return verdicts;
}

const table = {};
for (const name of wanted.length > 0 ? wanted : Object.keys(agents)) {
  try {
    table[name] = await tryAgent(name);
  } catch (error) {
    table[name] = { plain: `FAILED: ${error.message}` };
  }
}
console.log();
console.table(table);
const failed = Object.values(table).flatMap(Object.values).filter((each) => each.startsWith('FAILED'));
process.exitCode = failed.length > 0 ? 1 : 0;
