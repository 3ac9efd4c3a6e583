// Keys. Whatever has `data-key` is reached by it: "e", or "g b" for one key after the other. In a list, the row with
// the focus comes first, then the page. The console works without them, and a member can switch them off.
{
  const page = document.body;
  const rows = () => [...document.querySelectorAll("main .list tbody tr, main .rows > li, main .feedback > li, main [data-rows] > *")];
  // The navigation is closed on a narrow screen, and its keys work all the same.
  const seen = (element) => (element.checkVisibility() || element.closest(".menu")) && !element.disabled;
  const keyed = (root) => [...root.querySelectorAll("[data-key]")].filter(seen);
  const name = (element) => (element.getAttribute("aria-label") ?? (element.textContent.trim() || element.labels?.[0]?.textContent) ?? "").trim();
  const writes = (element) => element.isContentEditable || (element.matches?.("input, textarea, select") && !element.matches("[type=checkbox], [type=radio]"));
  // A letter of the Latin keyboard as it is written; with another keyboard, such as the Korean one, the place of the key
  // decides.
  const keyOf = (event) => {
    if (/^[!-~]$/.test(event.key)) return event.key.toLowerCase();
    if (/^Key[A-Z]$/.test(event.code)) return event.code[3].toLowerCase();
    if (event.code === "Slash") return event.shiftKey ? "?" : "/";
    return event.key;
  };
  let row, first = "", timer;
  const move = (step) => {
    const all = rows();
    const at = all.indexOf(document.activeElement.closest?.("tr, li") ?? row);
    const next = all[at < 0 ? (step > 0 ? 0 : all.length - 1) : at + step];
    if (!next) return;
    row = next;
    const target = next.querySelector("a[href], summary, button") ?? next;
    if (target === next) next.tabIndex = -1;
    target.focus({ preventScroll: true });
    next.scrollIntoView({ block: "nearest" });
  };
  const here = () => rows().find((found) => found.contains(document.activeElement));
  const act = (key) => {
    const found = [here(), page].filter(Boolean).flatMap(keyed).find((element) => element.dataset.key === key);
    if (!found) return false;
    if (writes(found)) found.focus();
    else found.click();
    return true;
  };
  const press = (event) => {
    const key = keyOf(event);
    const both = first && `${first} ${key}`;
    clearTimeout(timer);
    first = "";
    if (both && act(both)) return true;
    if (key === "g") {
      first = key;
      timer = setTimeout(() => { first = ""; }, 1500);
      return true;
    }
    if (key === "?") return show("help");
    if (key === "j" || key === "k") return move(key === "j" ? 1 : -1), true;
    if (key === "x") {
      const box = here()?.querySelector("input[type=checkbox]");
      box?.click();
      return Boolean(box);
    }
    return act(key);
  };
  // A dialog of the page, made from its template when it is first asked for.
  const show = (id) => {
    let dialog = document.querySelector(`dialog[data-is=${id}]`);
    if (!dialog) {
      dialog = document.getElementById(id).content.firstElementChild.cloneNode(true);
      page.append(dialog);
      ({ help, palette })[id](dialog);
    }
    if (id === "help") help(dialog);
    dialog.showModal();
    return true;
  };
  const help = (dialog) => {
    const list = dialog.querySelector("dl.here");
    const lines = new Map(keyed(page).map((element) => [element.dataset.key, name(element)]));
    list.replaceChildren(...[...lines].map(([key, what]) => {
      const line = document.createElement("div");
      line.append(document.createElement("dt"), document.createElement("dd"));
      line.firstChild.append(...key.split(" ").map((one) => Object.assign(document.createElement("kbd"), { textContent: one.toUpperCase() })));
      line.lastChild.textContent = what;
      return line;
    }));
  };
  // What a Korean word begins with, as people type it: ㅇㅈㅎ for 인증함.
  const initials = (text) => text.replace(/[가-힣]/g, (c) => "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"[Math.floor((c.charCodeAt() - 0xac00) / 588)]);
  const palette = (dialog) => {
    const field = dialog.querySelector("input");
    const list = dialog.querySelector("[role=listbox]");
    let found = [], at = -1, running;
    const choose = (index) => {
      at = found.length ? (index + found.length) % found.length : -1;
      found.forEach(({ option }, n) => option.setAttribute("aria-selected", n === at));
      if (at < 0) return field.removeAttribute("aria-activedescendant");
      field.setAttribute("aria-activedescendant", found[at].option.id);
      found[at].option.scrollIntoView({ block: "nearest" });
    };
    const go = (entry) => {
      dialog.close();
      if (entry.address) location.assign(entry.address);
      else if (writes(entry.element)) entry.element.focus();
      else entry.element.click();
    };
    const draw = (entries) => {
      found = entries.map((entry, n) => {
        const option = document.createElement("li");
        option.id = `option-${n}`;
        option.setAttribute("role", "option");
        option.append(Object.assign(document.createElement("span"), { textContent: entry.name, dir: "auto" }));
        option.append(Object.assign(document.createElement("span"), { textContent: entry.mark ?? "", className: "muted small" }));
        option.addEventListener("click", () => go(entry));
        return { ...entry, option };
      });
      list.replaceChildren(...found.map(({ option }) => option));
      field.setAttribute("aria-expanded", String(found.length > 0));
      choose(0);
    };
    const own = (words) => {
      const fits = (text) => [text.toLowerCase(), initials(text)].some((form) => form.includes(words));
      return keyed(page).map((element) => ({ element, name: name(element), mark: element.dataset.key.toUpperCase() }))
        .filter((entry, n, all) => fits(entry.name) && all.findIndex((other) => other.name === entry.name) === n);
    };
    const ask = async () => {
      const words = field.value.trim().toLowerCase();
      running?.abort();
      const known = own(words);
      draw(known);
      if (words.length < 2) return;
      running = new AbortController();
      try {
        const answer = await fetch(`/console/find?${new URLSearchParams({ q: words })}`, { signal: running.signal });
        if (!answer.ok) return;
        const links = new DOMParser().parseFromString(await answer.text(), "text/html").querySelectorAll("a");
        const remote = [...links].map((a) => ({ address: a.getAttribute("href"), name: a.textContent, mark: a.dataset.mark }));
        if (field.value.trim().toLowerCase() === words) draw([...known, ...remote]);
      } catch {
        // Asked again by then.
      }
    };
    let wait;
    const soon = (event) => {
      // Half a word of an input method is not looked up, except in Hangul, whose last syllable is always half a word.
      if (event.isComposing && !/^[ᄀ-ᇿ㄰-㆏가-힣\s]*$/.test(event.data ?? "")) return;
      draw(own(field.value.trim().toLowerCase()));
      clearTimeout(wait);
      wait = setTimeout(ask, 180);
    };
    field.addEventListener("input", soon);
    field.addEventListener("compositionend", soon);
    field.addEventListener("keydown", (event) => {
      if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
      event.preventDefault();
      choose(at + (event.key === "ArrowDown" ? 1 : -1));
    });
    // The browser submits after the last syllable is complete, so no key is handled here.
    dialog.querySelector("form").addEventListener("submit", (event) => {
      if (at < 0) return;
      event.preventDefault();
      go(found[at]);
    });
    dialog.addEventListener("close", () => { field.value = ""; });
    dialog.addEventListener("toggle", () => draw(own("")));
    draw(own(""));
  };
  // Control and Enter send a form from any of its fields. A syllable that is being composed is completed first.
  const send = (field) => {
    const submit = () => (field.form.querySelector("button.main") ?? field.form.querySelector("button:not([type=button])"))?.click();
    if (field.dataset.composing) field.addEventListener("compositionend", () => setTimeout(submit), { once: true });
    else submit();
  };
  document.addEventListener("compositionstart", (event) => { event.target.dataset.composing = "1"; });
  document.addEventListener("compositionend", (event) => { delete event.target.dataset.composing; });
  if (document.getElementById("palette")) {
    document.addEventListener("keydown", (event) => {
      const control = (event.ctrlKey || event.metaKey) && !event.altKey;
      if (control && event.key === "Enter" && event.target.form) {
        event.preventDefault();
        return send(event.target);
      }
      if (control && keyOf(event) === "k" && !event.shiftKey) {
        event.preventDefault();
        if (!document.querySelector("dialog[open]")) show("palette");
        return;
      }
      if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || "keysOff" in page.dataset) return;
      if (writes(event.target) || document.querySelector("dialog[open]")) return;
      if (press(event)) event.preventDefault();
    });
    document.querySelector("[data-palette]")?.addEventListener("click", () => show("palette"));
    if (!("keysOff" in page.dataset)) {
      for (const element of document.querySelectorAll("[data-key]")) {
        element.title ||= element.dataset.key.toUpperCase();
        if (element.dataset.key.length === 1) element.setAttribute("aria-keyshortcuts", element.dataset.key);
      }
    }
  }
}
