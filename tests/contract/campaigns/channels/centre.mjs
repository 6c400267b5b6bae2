// A message centre made of npm's smpp: tells each message as a line of JSON, and then sends its receipt.
import { createRequire } from "node:module";

const [port, modules] = process.argv.slice(2);
const smpp = createRequire(`${modules}/`)("smpp");

smpp.createServer((session) => {
  session.on("bind_transceiver", (pdu) => session.send(pdu.response()));
  session.on("enquire_link", (pdu) => session.send(pdu.response()));
  session.on("unbind", (pdu) => session.send(pdu.response()));
  session.on("submit_sm", (pdu) => {
    session.send(pdu.response({ message_id: "js-1" }));
    const text = pdu.message_payload?.message ?? pdu.short_message.message;
    console.log(JSON.stringify({
      to: pdu.destination_addr, from: pdu.source_addr, text, validity: pdu.validity_period,
    }));
    session.deliver_sm({
      source_addr: pdu.destination_addr,
      destination_addr: pdu.source_addr,
      esm_class: 4,
      short_message: "id:js-1 sub:001 dlvrd:001 submit date:2611241000 done date:2611241001 stat:DELIVRD err:000 text:",
      receipted_message_id: "js-1",
      message_state: 2,
    }, (answer) => console.log(JSON.stringify({ receipt: answer.command_status })));
  });
}).listen(Number(port), "127.0.0.1", () => console.log("ready"));
