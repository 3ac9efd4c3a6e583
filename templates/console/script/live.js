// What happens meanwhile: the page listens while it is in view, and says it in a line. Nothing moves by itself.
{
  const line = document.getElementById("live");
  let stream, last = "", timer, asked = 0;
  const say = (part, text, link) => {
    line.querySelector(`[data-part=${part}]`)?.remove();
    if (!text) return;
    const said = document.createElement("p");
    said.dataset.part = part;
    said.append(text);
    if (link) {
      const show = document.createElement("a");
      show.href = location.pathname + location.search;
      show.textContent = line.dataset.show;
      said.append(" ", show);
    }
    line.append(said);
    return said;
  };
  const rows = (page) => [...page.querySelectorAll("main a[href]")]
    .map((link) => link.getAttribute("href").split(/[?#]/)[0])
    .filter((path) => path.startsWith(line.dataset.prefix));
  // A list asks for its own address again, at most every ten seconds, and counts the rows that it does not show.
  const look = async () => {
    timer = undefined;
    asked = Date.now();
    try {
      const answer = await fetch(location.href, { headers: { "X-Hearback-Live": "1" } });
      if (!answer.ok || answer.redirected) return;
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const known = new Set(rows(document));
      const added = new Set(rows(page).filter((path) => !known.has(path))).size;
      say("new", added && line.dataset.new.replace("#", added), true);
    } catch {
      // Offline: the next event asks again.
    }
  };
  const mark = (marks) => {
    for (const old of document.querySelectorAll(".onlooker")) old.remove();
    for (const [path, text] of Object.entries(marks)) {
      const link = document.querySelector(`main a[href="${CSS.escape(path)}"]`);
      if (!link) continue;
      const dot = document.createElement("span");
      dot.className = "onlooker";
      dot.title = text;
      dot.role = "img";
      dot.ariaLabel = text;
      link.after(dot);
    }
  };
  const listen = (kind, act) => stream.addEventListener(kind, (event) => {
    if (event.lastEventId) last = event.lastEventId;
    act(JSON.parse(event.data));
  });
  const open = () => {
    if (stream || document.hidden) return;
    stream = new EventSource(`/console/live?${line.dataset.watch}${last && "&after=" + last}`);
    listen("at", () => {});
    listen("stir", () => { timer ??= setTimeout(look, Math.max(500, asked + 10000 - Date.now())); });
    listen("changed", ({ text, later }) => {
      const said = say("changed", text, true);
      setTimeout(() => said.firstChild.data = later, 120000);
    });
    listen("here", ({ text, marks }) => marks ? mark(marks) : say("here", text));
    stream.onerror = () => { if (stream?.readyState === 2) stream = undefined; };
  };
  const close = () => {
    stream?.close();
    stream = undefined;
  };
  if (line) {
    addEventListener("pagehide", close);
    addEventListener("pageshow", open);
    document.addEventListener("visibilitychange", () => document.hidden ? close() : open());
  }
}
// What somebody writes is kept on the server, a second after the last key. Fields are only read here, never written.
for (const form of document.querySelectorAll("form[data-draft]")) {
  const place = document.getElementById("live")?.dataset.place ?? "";
  let timer, running, sent = false, at = 0;
  const fields = () => {
    const all = new URLSearchParams();
    for (const [name, value] of new FormData(form)) {
      if (typeof value === "string" && form.elements[name]?.type !== "password") all.append(name, value);
    }
    return all;
  };
  const first = fields().toString();
  let kept = first;
  const body = () => {
    const all = fields(), now = all.toString();
    if (now === kept) return;
    kept = now;
    all.append(":page", location.pathname);
    all.append(":action", new URL(form.getAttribute("action") ?? "", location.href).pathname);
    all.append(":form", form.dataset.draft);
    all.append(":place", place);
    // As it was before somebody wrote: there is nothing to keep.
    if (now === first && !form.previousElementSibling?.matches(".kept-draft")) all.append(":same", "true");
    return all;
  };
  const keep = async () => {
    timer = undefined;
    at = Date.now();
    const all = body();
    if (!all) return;
    running?.abort();
    running = new AbortController();
    try {
      await fetch("/console/drafts", { method: "POST", body: all, signal: running.signal });
    } catch {
      kept = undefined;
    }
  };
  form.addEventListener("input", () => {
    if (sent) return;
    at ||= Date.now();
    clearTimeout(timer);
    // Also while somebody writes without a pause.
    timer = setTimeout(keep, Math.min(1000, Math.max(0, at + 6000 - Date.now())));
  });
  form.addEventListener("submit", () => {
    sent = true;
    clearTimeout(timer);
    timer = undefined;
    running?.abort();
  });
  addEventListener("pageshow", () => sent = false);
  addEventListener("pagehide", () => {
    const all = timer && !sent && body();
    if (all) navigator.sendBeacon("/console/drafts", all);
  });
}
