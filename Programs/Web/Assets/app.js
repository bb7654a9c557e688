// Replaces each element that has data-live=NAME by the fragments of HTML that the server sends for NAME. Pages load
// this file with data-worker=ADDRESS, the address of worker.js:
//   <script src="/assets/app.js?v=…" data-worker="/assets/worker.js?v=…" defer></script>
// An event of /live?name=NAME&… has the data {"name": NAME, "html": FRAGMENT}, and the fragment has data-live=NAME
// itself. A stream begins with the present state of each name, so that nothing is missed while a page is hidden.
"use strict";
{
  const worker = document.currentScript.dataset.worker;
  const waiting = new Map();
  let tell;

  const elements = () => [...document.querySelectorAll("[data-live]")];

  function draw() {
    // The element with the focus keeps it, if its replacement has the same id.
    const focus = document.activeElement?.id;
    for (const element of elements()) {
      const html = waiting.get(element.dataset.live);
      if (html === undefined) continue;
      const template = document.createElement("template");
      template.innerHTML = html;
      element.replaceWith(template.content);
    }
    waiting.clear();
    if (focus && document.activeElement?.id !== focus) document.getElementById(focus)?.focus();
  }

  function receive({ fragment, connected }) {
    if (fragment) {
      // At most one drawing for each frame.
      if (!waiting.size) requestAnimationFrame(draw);
      waiting.set(fragment.name, fragment.html);
    } else {
      showConnection(connected);
    }
  }

  function showConnection(connected) {
    const old = document.getElementById("disconnected");
    if (connected) {
      old?.remove();
    } else if (!old) {
      const note = document.createElement("p");
      note.id = "disconnected";
      note.role = "status";
      note.textContent = "This page is not updated: vireo serve does not answer.";
      document.body.prepend(note);
    }
  }

  function connect() {
    if (window.SharedWorker && worker) {
      const { port } = new SharedWorker(worker, "vireo");
      port.onmessage = ({ data }) => receive(data);
      tell = (names) => port.postMessage(names);
      return;
    }
    let source;
    tell = (names) => {
      source?.close();
      if (!names?.length) return;
      source = new EventSource("/live?" + new URLSearchParams(names.map((name) => ["name", name])));
      source.onmessage = (event) => receive({ fragment: JSON.parse(event.data) });
      source.onopen = () => receive({ connected: true });
      source.onerror = () => receive({ connected: false });
    };
  }

  function announce() {
    tell(document.hidden ? [] : elements().map((element) => element.dataset.live));
  }

  if (elements().length) {
    connect();
    announce();
    document.addEventListener("visibilitychange", announce);
    window.addEventListener("pagehide", () => tell(null));
    // A page that comes back from the cache of the browser.
    window.addEventListener("pageshow", ({ persisted }) => persisted && announce());
  }
}

// A key without others follows the link that has data-key=KEY, unless something is typed.
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey) return;
  if (event.target.closest("input, textarea, select")) return;
  for (const link of document.querySelectorAll("[data-key]")) {
    if (link.dataset.key === event.key) return link.click();
  }
});
