// The coding agents: how each is started, where it sends its requests, and where in these its tools are. Used by run.mjs.
import { join } from 'node:path';
import { argv, arch, execPath } from 'node:process';

const [, , folder] = argv;
const installed = (...parts) => join(folder, 'node_modules', ...parts);

// Where the agents' requests go, by the API that they speak.
export function baseUrls(origin) {
  return { openai: `${origin}/v1`, anthropic: origin, google: origin };
}

// `command` is followed by the prompt, as one argument or `split` into words; `settings` are files below the home folder; `tools` finds the tools
// in the body of a request, as {name, schema}; `reads` are those that can read a file, the best first.
export const agents = {
  claude: {
    command: [installed('@anthropic-ai', `claude-code-linux-${arch}`, 'claude'), '-p'],
    environment: (urls) => ({
      ANTHROPIC_API_KEY: 'sk-ant-made-up', ANTHROPIC_BASE_URL: urls.anthropic, CLAUDE_CODE_MAX_RETRIES: '2',
    }),
    settings: () => ({}),
    tools: (body) => (body.tools ?? []).map((each) => ({ name: each.name, schema: each.input_schema })),
    reads: ['Read'],
  },
  codex: {
    command: [
      execPath, installed('@openai', 'codex', 'bin', 'codex.js'), 'exec', '--skip-git-repo-check',
      '--sandbox', 'danger-full-access',
    ],
    environment: () => ({ OPENAI_API_KEY: 'sk-made-up' }),
    settings: (urls) => ({
      '.codex/config.toml': `model_provider = "emulator"
[model_providers.emulator]
name = "emulator"
base_url = "${urls.openai}"
env_key = "OPENAI_API_KEY"
wire_api = "responses"
stream_max_retries = 2
`,
    }),
    tools: (body) => responsesTools([...(body.tools ?? []), ...(body.input ?? []).flatMap((each) => each.tools ?? [])]),
    reads: ['exec_command', 'shell', 'exec'],
  },
  gemini: {
    command: [execPath, installed('@google', 'gemini-cli', 'bundle', 'gemini.js'), '--skip-trust', '-p'],
    environment: (urls) => ({ GEMINI_API_KEY: 'made-up', GOOGLE_GEMINI_BASE_URL: urls.google }),
    settings: () => ({
      '.gemini/settings.json': JSON.stringify({
        security: { auth: { selectedType: 'gemini-api-key' } },
        privacy: { usageStatisticsEnabled: false },
        general: { disableAutoUpdate: true, maxAttempts: 2 },
      }),
    }),
    tools: (body) => (body.tools ?? []).flatMap((each) => each.functionDeclarations ?? [])
      .map((each) => ({ name: each.name, schema: each.parametersJsonSchema ?? each.parameters })),
    reads: ['read_file'],
  },
  opencode: {
    // Without AVX2 on x64, which not every machine has.
    command: [installed(`opencode-linux-${arch}${arch === 'x64' ? '-baseline' : ''}`, 'bin', 'opencode'), 'run'],
    split: true, // it quotes an argument with blanks
    environment: () => ({ OPENCODE_DISABLE_AUTOUPDATE: '1', OPENCODE_DISABLE_MODELS_FETCH: '1' }),
    settings: (urls) => ({
      '.config/opencode/opencode.json': JSON.stringify({
        model: 'emulator/gpt-4o-mini',
        provider: {
          emulator: {
            npm: '@ai-sdk/openai-compatible',
            name: 'emulator',
            options: { baseURL: urls.openai, apiKey: 'sk-made-up' },
            models: { 'gpt-4o-mini': { name: 'gpt-4o-mini' } },
          },
        },
      }),
    }),
    tools: (body) => (body.tools ?? []).map((each) => ({ name: each.function.name, schema: each.function.parameters })),
    reads: ['read'],
  },
};

// A tool without a schema takes text.
function responsesTools(given) {
  return given.flatMap((each) => (each.type === 'namespace' ? responsesTools(each.tools)
    : [{ name: each.name, schema: each.parameters }])).filter((each) => each.name);
}
