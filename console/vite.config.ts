import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { defineConfig, type Plugin } from 'vite';

/** The folder from which the server serves the console; tests build into one of their own. */
const outDir = process.env['CONSOLE_DIST'] ?? join(import.meta.dirname, '..', 'dist', 'console');

/** Writes each text file a second and third time, as gzip and Brotli, so that the server compresses nothing. */
const compressed: Plugin = {
  name: 'compressed',
  apply: 'build',
  closeBundle() {
    const files = readdirSync(outDir, { recursive: true, encoding: 'utf8' });
    for (const file of files.filter((name) => /\.(js|css|svg)$/.test(name))) {
      const content = readFileSync(join(outDir, file));
      writeFileSync(join(outDir, `${file}.gz`), gzipSync(content, { level: 9 }));
      writeFileSync(join(outDir, `${file}.br`), brotliCompressSync(content));
    }
  },
};

export default defineConfig({
  root: import.meta.dirname,
  plugins: [compressed],
  build: {
    outDir,
    emptyOutDir: true,
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  server: {
    proxy: Object.fromEntries(
      ['/api', '/sso', '/sign-in', '/invite'].map((path) => [
        path,
        {
          target: 'http://127.0.0.1:8080',
          // The server takes changes from pages of its own origin only.
          headers: { origin: 'http://127.0.0.1:8080' },
        },
      ]),
    ),
  },
});
