import type { Browser, Page } from '../browser.ts';

/** How pages send their form on by themselves: a browser of these tests runs no script. */
const BY_ITSELF = [
  /document\.forms\[0\]\.submit\(\)/,
  /<body onload="[^"]*(\.submit|\.click)\(\);?"/i,
  // SimpleSAMLphp's, whose script is a file of its own.
  /id="postLoginSubmitButton"/,
];

const MOST = 8;

/** Submits forms as long as pages do so by themselves. @returns the page that waits for a user */
export async function continueLogin(browser: Browser, page: Page): Promise<Page> {
  let next = page;
  for (let times = 0; BY_ITSELF.some((script) => script.test(next.text)); times += 1) {
    if (times === MOST) throw new Error(`The pages go on without end: ${next.url.href}`);
    next = await browser.submit(next);
  }
  return next;
}
