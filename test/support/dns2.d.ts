/** What the tests use of dns2, which describes no types of its own. */
declare module 'dns2' {
  import type { Socket } from 'node:dgram';

  interface Message {
    header: { rcode: number };
    questions: { name: string; type: number; class: number }[];
    answers: object[];
  }

  const dns2: {
    readonly Packet: {
      createResponseFromRequest(request: Message): Message;
      readonly TYPE: { readonly TXT: number };
      readonly CLASS: { readonly IN: number };
    };
    createUDPServer(
      handle: (request: Message, send: (response: Message) => Promise<unknown>) => void,
    ): Socket & { listen(port: number, address: string): Promise<void> };
  };
  // biome-ignore lint/style/noDefaultExport: it is a CommonJS module.
  export default dns2;
}
