import { type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';

/** What a browser shows. */
export interface Page {
  readonly url: URL;
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly text: string;
}

export interface Visit {
  /** Does not follow redirects that this matches; the page is then the redirect itself, and `url` its target. */
  readonly stopAt?: (url: URL) => boolean;
  /** The page whose link was followed; none was if it is not given, as with a bookmark. */
  readonly from?: Page;
}

/**
 * A small browser: keeps cookies (host, path, Secure, SameSite, Max-Age), follows redirects, submits forms, and
 * sends Origin and Sec-Fetch-Site as browsers do. It runs no script and knows no port in a cookie or a site.
 */
export interface Browser {
  get(url: string | URL, visit?: Visit): Promise<Page>;
  /** Submits the form of a page, its own fields and these. @param index which form, if there are several */
  submit(
    page: Page,
    fields?: Readonly<Record<string, string>>,
    visit?: Visit & { index?: number },
  ): Promise<Page>;
  /** @returns undefined if the browser would send no such cookie there */
  cookie(url: string | URL, name: string): string | undefined;
  /** As if the browser had been closed and all cookies deleted. */
  forget(): void;
}

interface Cookie {
  readonly host: string;
  readonly path: string;
  readonly name: string;
  readonly value: string;
  readonly secure: boolean;
  readonly sameSite: string;
}

interface Navigation {
  readonly url: URL;
  readonly method: 'GET' | 'POST';
  readonly body?: string;
  readonly from: URL | undefined;
  /** Whether the page of the form says `Referrer-Policy: no-referrer`: browsers then say nothing of its origin either. */
  readonly hidesItself?: boolean;
}

const MAX_REDIRECTS = 20;

/** Opens one without cookies. */
export function createBrowser(): Browser {
  const jar = new Map<string, Cookie>();

  const cookiesFor = (url: URL, sameSite: boolean, method: string): Cookie[] =>
    [...jar.values()].filter(
      (cookie) =>
        cookie.host === url.hostname &&
        (url.pathname === cookie.path || url.pathname.startsWith(cookie.path.replace(/\/?$/, '/'))) &&
        (!cookie.secure || isTrustworthy(url)) &&
        (sameSite || cookie.sameSite === 'none' || (cookie.sameSite === 'lax' && method === 'GET')),
    );

  const keep = (url: URL, headers: readonly string[]) => {
    for (const header of headers) {
      const { cookie, expired } = parseCookie(url, header);
      const key = `${cookie.host} ${cookie.path} ${cookie.name}`;
      if (expired) jar.delete(key);
      else jar.set(key, cookie);
    }
  };

  const navigate = async (first: Navigation, { stopAt = () => false }: Visit): Promise<Page> => {
    let next = first;
    let crossed = first.from !== undefined && siteOf(first.from) !== siteOf(first.url);
    for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects += 1) {
      const { url, method } = next;
      const cookies = cookiesFor(url, !crossed, method);
      const page = await load(next, cookies, crossed);
      keep(url, page.headers['set-cookie'] ?? []);
      const { location } = page.headers;
      if (page.status < 300 || page.status > 399 || location === undefined) return page;
      const to = new URL(location, url);
      if (stopAt(to)) return { ...page, url: to };
      crossed ||= siteOf(url) !== siteOf(to);
      const again = page.status === 307 || page.status === 308;
      next = again ? { ...next, url: to } : { url: to, method: 'GET', from: next.from };
    }
    throw new Error('The page redirects without end.');
  };

  return {
    get: (url, visit = {}) => navigate({ url: new URL(url), method: 'GET', from: visit.from?.url }, visit),
    submit: (page, fields = {}, visit = {}) => navigate(filledForm(page, fields, visit.index ?? 0), visit),
    cookie: (url, name) => cookiesFor(new URL(url), true, 'GET').find((one) => one.name === name)?.value,
    forget: () => jar.clear(),
  };
}

function load(
  { url, method, body, from, hidesItself = false }: Navigation,
  cookies: readonly Cookie[],
  crossed: boolean,
): Promise<Page> {
  const headers: Record<string, string> = {
    Accept: 'text/html,application/xhtml+xml',
    'Sec-Fetch-Mode': 'navigate',
    'Sec-Fetch-Dest': 'document',
    'Sec-Fetch-Site': from === undefined ? 'none' : crossed ? 'cross-site' : 'same-origin',
  };
  if (cookies.length > 0) headers['Cookie'] = cookies.map(({ name, value }) => `${name}=${value}`).join('; ');
  if (body !== undefined) {
    headers['Content-Type'] = 'application/x-www-form-urlencoded';
    headers['Content-Length'] = String(Buffer.byteLength(body));
    headers['Origin'] = hidesItself ? 'null' : (from?.origin ?? 'null');
  }
  return new Promise((resolve, reject) => {
    const start = url.protocol === 'https:' ? requestHttps : requestHttp;
    const request = start(url, { method, headers, agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('end', () =>
        resolve({ url, status: response.statusCode ?? 0, headers: response.headers, text }),
      );
      response.on('error', reject);
    });
    request.on('error', reject);
    request.end(body);
  });
}

function parseCookie(url: URL, header: string): { readonly cookie: Cookie; readonly expired: boolean } {
  const [pair = '', ...rest] = header.split(';').map((part) => part.trim());
  const attributes = new Map(
    rest.map((part) => {
      const [name = '', value = ''] = part.split('=');
      return [name.toLowerCase(), value] as const;
    }),
  );
  const at = pair.indexOf('=');
  const cookie = {
    host: url.hostname,
    path: attributes.get('path') || url.pathname.replace(/\/[^/]*$/, '') || '/',
    name: pair.slice(0, at),
    value: pair.slice(at + 1),
    secure: attributes.has('secure'),
    sameSite: attributes.get('samesite')?.toLowerCase() ?? 'lax',
  };
  const age = attributes.get('max-age');
  const expires = attributes.get('expires');
  const expired = age === undefined ? Date.parse(expires ?? '') < Date.now() : Number(age) <= 0;
  return { cookie, expired };
}

/** Browsers treat loopback as if it had TLS. */
const isTrustworthy = (url: URL): boolean =>
  url.protocol === 'https:' || ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname);

const siteOf = (url: URL): string => `${url.protocol}//${url.hostname}`;

function filledForm(page: Page, fields: Readonly<Record<string, string>>, index: number): Navigation {
  const form = [...page.text.matchAll(/<form\b([^>]*)>(.*?)<\/form>/gis)][index];
  if (form === undefined) throw new Error(`There is no form at ${page.url.href}: ${page.text.slice(0, 300)}`);
  const [, tag = '', content = ''] = form;
  const values = new URLSearchParams();
  for (const [, input = ''] of content.matchAll(/<input\b([^>]*)>/gi)) {
    const name = attribute(input, 'name');
    const type = attribute(input, 'type') ?? 'text';
    if (name === undefined || type === 'submit' || (type === 'checkbox' && !/\bchecked\b/i.test(input)))
      continue;
    values.append(name, attribute(input, 'value') ?? '');
  }
  for (const [name, value] of Object.entries(fields)) values.set(name, value);
  const url = new URL(attribute(tag, 'action') || page.url.href, page.url);
  if (attribute(tag, 'method')?.toLowerCase() === 'post') {
    return { url, method: 'POST', body: values.toString(), from: page.url, hidesItself: hides(page) };
  }
  url.search = values.toString();
  return { url, method: 'GET', from: page.url };
}

const hides = ({ headers }: Page): boolean =>
  /\bno-referrer$/i.test(String(headers['referrer-policy'] ?? '').trim());

function attribute(tag: string, name: string): string | undefined {
  const found = new RegExp(`\\b${name}\\s*=\\s*(?:"([^"]*)"|'([^']*)'|([^\\s>]+))`, 'i').exec(tag);
  const value = found?.[1] ?? found?.[2] ?? found?.[3];
  return value?.replace(
    /&(amp|lt|gt|quot|#39|#x27);/gi,
    (_, entity: string) => ENTITIES[entity.toLowerCase()] ?? '',
  );
}

const ENTITIES: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  '#39': "'",
  '#x27': "'",
};
