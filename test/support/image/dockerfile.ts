/** One `COPY` of a Dockerfile. */
export interface Copy {
  /** The stage that it copies from; undefined: the files that the builder was sent. */
  readonly from: string | undefined;
  readonly sources: readonly string[];
  readonly target: string;
}

/** One stage of a Dockerfile: what a `FROM` begins. */
export interface Stage {
  readonly image: string;
  readonly name: string | undefined;
  readonly copies: readonly Copy[];
  /** Commands of its `RUN`s, split where one ends before the next begins (`&&`). */
  readonly commands: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly user: string | undefined;
  /** The words of `CMD`, in its exec form. */
  readonly start: readonly string[];
  /** The words of the command of `HEALTHCHECK`, in its exec form. */
  readonly healthCheck: readonly string[];
}

/** Reads the instructions that this project's Dockerfile uses. @throws Error for any other instruction */
export function parseDockerfile(text: string): readonly Stage[] {
  const stages: Writable<Stage>[] = [];
  for (const line of instructions(text)) {
    const [instruction = '', ...words] = line.split(/\s+/);
    const rest = line.slice(instruction.length).trim();
    if (instruction === 'FROM') {
      stages.push(emptyStage(words[0] ?? '', words[1] === 'AS' ? words[2] : undefined));
      continue;
    }
    const stage = stages.at(-1);
    if (stage === undefined) throw new Error(`${instruction} comes before the first FROM.`);
    apply(stage, instruction, rest);
  }
  return stages;
}

type Writable<Type> = { -readonly [Key in keyof Type]: Type[Key] };

function apply(stage: Writable<Stage>, instruction: string, rest: string): void {
  switch (instruction) {
    case 'COPY':
      stage.copies = [...stage.copies, parseCopy(rest)];
      return;
    case 'RUN':
      stage.commands = [...stage.commands, ...rest.split('&&').map((command) => command.trim())];
      return;
    case 'ENV':
      stage.env = { ...stage.env, ...parseEnv(rest) };
      return;
    case 'USER':
      stage.user = rest;
      return;
    case 'CMD':
      stage.start = JSON.parse(rest) as string[];
      return;
    case 'HEALTHCHECK':
      stage.healthCheck = JSON.parse(rest.slice(rest.indexOf('CMD') + 3)) as string[];
      return;
    case 'WORKDIR':
    case 'VOLUME':
    case 'EXPOSE':
    case 'STOPSIGNAL':
    case 'LABEL':
      return;
    default:
      throw new Error(`The Dockerfile has an instruction that this test does not know: ${instruction}.`);
  }
}

function emptyStage(image: string, name: string | undefined): Stage {
  return {
    image,
    name,
    copies: [],
    commands: [],
    env: {},
    user: undefined,
    start: [],
    healthCheck: [],
  };
}

/** Lines without comments, continued lines joined. */
function instructions(text: string): string[] {
  return text
    .split('\n')
    .filter((line) => !line.trim().startsWith('#'))
    .join('\n')
    .replace(/\\\n/g, ' ')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

function parseCopy(rest: string): Copy {
  const words = rest.split(/\s+/);
  const from = words[0]?.startsWith('--from=') ? words.shift()?.slice('--from='.length) : undefined;
  return { from, sources: words.slice(0, -1), target: words.at(-1) ?? '' };
}

function parseEnv(rest: string): Record<string, string> {
  const pairs = rest.split(/\s+/).map((pair) => pair.split('=') as [string, string]);
  return Object.fromEntries(pairs);
}
