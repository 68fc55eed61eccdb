/** A process of its own that sends one request again and again, many at once, until it is killed: URL TOKEN AT_ONCE */
import { Agent, request } from 'node:http';

const [url = '', token = '', atOnce = '1'] = process.argv.slice(2);
const agent = new Agent({ keepAlive: true, maxSockets: Number(atOnce) });

const send = () =>
  new Promise((resolve) => {
    const sent = request(url, { agent, headers: { Authorization: `Bearer ${token}` } }, (answer) => {
      answer.resume();
      answer.on('end', resolve);
    });
    sent.on('error', resolve);
    sent.end();
  });

for (let n = 0; n < Number(atOnce); n += 1) {
  void (async () => {
    for (;;) await send();
  })();
}
// The parent's end is this one's, too.
process.stdin.resume().on('end', () => process.exit());
setTimeout(() => process.exit(), 120_000).unref();
