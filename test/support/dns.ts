import { Resolver } from 'node:dns/promises';
import { once } from 'node:events';
import dns2 from 'dns2';

/** A DNS server on loopback. */
export interface TestDns {
  /** TXT records by name in lower case, each in its pieces. */
  readonly records: Map<string, readonly (readonly string[])[]>;
  /** Asks this server. */
  resolveTxt(name: string): Promise<string[][]>;
  close(): Promise<void>;
}

export async function startDns(): Promise<TestDns> {
  const { Packet } = dns2;
  const records: TestDns['records'] = new Map();
  const server = dns2.createUDPServer((request, send) => {
    const response = Packet.createResponseFromRequest(request);
    const [question] = request.questions;
    const found = records.get(question?.name.toLowerCase() ?? '');
    if (found === undefined) response.header.rcode = NXDOMAIN;
    for (const data of question?.type === Packet.TYPE.TXT ? (found ?? []) : []) {
      response.answers.push({
        name: question?.name,
        type: Packet.TYPE.TXT,
        class: Packet.CLASS.IN,
        ttl: 60,
        data,
      });
    }
    void send(response);
  });
  await server.listen(0, '127.0.0.1');
  const resolver = new Resolver({ timeout: 1_000, tries: 2 });
  resolver.setServers([`127.0.0.1:${server.address().port}`]);
  return {
    records,
    resolveTxt: (name) => resolver.resolveTxt(name),
    close: async () => {
      resolver.cancel();
      server.close();
      await once(server, 'close');
    },
  };
}

/** RFC 1035 §4.1.1. */
const NXDOMAIN = 3;
