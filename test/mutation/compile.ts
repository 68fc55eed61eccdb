import { transform } from '@swc/core';

/** Compiles a source file as the tests do. @throws Error with the compiler's message if it does not compile */
export async function compile(source: string): Promise<void> {
  await transform(source, {
    swcrc: false,
    configFile: false,
    jsc: { target: 'es2022', parser: { syntax: 'typescript' } },
    module: { type: 'es6' },
  });
}
