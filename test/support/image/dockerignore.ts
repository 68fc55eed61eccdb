/**
 * Builds the question whether Docker leaves a path out of what it sends to the builder, as moby's patternmatcher
 * answers it: a pattern matches a path or a folder above it, `*` stays within a folder, `**` does not, `!` takes a
 * path in again, and the last pattern that matches decides.
 *
 * @param text the content of a .dockerignore
 * @returns the question, for paths relative to the context, with `/` between folders
 */
export function parseDockerignore(text: string): (path: string) => boolean {
  const rules = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => ({
      takesIn: line.startsWith('!'),
      pattern: toPattern(line.replace(/^!/, '').replace(/^\/|\/$/g, '')),
    }));
  return (path) => {
    const levels = path.split('/').map((_, index, parts) => parts.slice(0, index + 1).join('/'));
    const last = rules.findLast(({ pattern }) => levels.some((level) => pattern.test(level)));
    return last !== undefined && !last.takesIn;
  };
}

function toPattern(glob: string): RegExp {
  const source = glob.replace(/\*\*\/|\*\*|\*|\?|[.+^${}()|\\]/g, (part) => {
    switch (part) {
      case '**/':
        return '(?:.*/)?';
      case '**':
        return '.*';
      case '*':
        return '[^/]*';
      case '?':
        return '[^/]';
      default:
        return `\\${part}`;
    }
  });
  return new RegExp(`^${source}$`);
}
