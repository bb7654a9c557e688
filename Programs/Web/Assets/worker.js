"use strict";
// One stream for all pages of a browser, because HTTP/1.1 allows six connections to a host. Pages say which elements
// they show; the stream is opened anew when these change, and closed when no page shows any.
const pages = new Map();
// The last fragment of each name, for a page that was made before it and joins after it.
const last = new Map();
let source, open = "";

function update() {
  const names = [...new Set([...pages.values()].flat())].sort();
  const address = names.length ? "/live?" + new URLSearchParams(names.map((name) => ["name", name])) : "";
  if (address === open && source?.readyState !== EventSource.CLOSED) return;
  source?.close();
  source = undefined;
  open = address;
  last.clear();
  if (!address) return;
  source = new EventSource(address);
  source.onmessage = ({ data }) => {
    const fragment = JSON.parse(data);
    last.set(fragment.name, fragment);
    send({ fragment });
  };
  source.onopen = () => send({ connected: true });
  source.onerror = () => send({ connected: false });
}

function send(message) {
  for (const port of pages.keys()) port.postMessage(message);
}

onconnect = ({ ports: [port] }) => {
  pages.set(port, []);
  // A page that is left sends null.
  port.onmessage = ({ data: names }) => {
    if (names) pages.set(port, names);
    else pages.delete(port);
    update();
    for (const name of names ?? []) if (last.has(name)) port.postMessage({ fragment: last.get(name) });
  };
};
