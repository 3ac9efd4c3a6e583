// The console works without this script. It shows times in the browser's zone, and moves the focus to errors.
"use strict";
{
  const body = document.body;
  if (body.dataset.zone === "browser") {
    const language = document.documentElement.lang;
    const point = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" });
    const day = new Intl.DateTimeFormat(language, { dateStyle: "medium" });
    for (const time of document.querySelectorAll("time[datetime]")) {
      const at = new Date(time.dateTime);
      if (!Number.isNaN(at.getTime())) time.textContent = ("day" in time.dataset || time.closest(".picks") ? day : point).format(at);
    }
  }
  document.querySelector(".wrongs")?.focus();
}
// While somebody writes what a customer said, the nearest themes and stories are shown beside it.
for (const form of document.querySelectorAll("form[data-similar]")) {
  const [text, target] = [form.elements.text, document.getElementById(form.dataset.similar)];
  let timer, running, asked = "";
  const hangul = /^[\u1100-\u11ff\u3130-\u318f\ua960-\ua97f\uac00-\ud7ff\s]*$/;
  const ask = async () => {
    const words = text.value.trim();
    if (words === asked) return;
    asked = words;
    running?.abort();
    if (words.length < 4) return target.replaceChildren();
    running = new AbortController();
    const body = new URLSearchParams({ text: words });
    if (form.elements.product) body.set("product", form.elements.product.value);
    try {
      const answer = await fetch("/console/similar", { method: "POST", body, signal: running.signal });
      if (!answer.ok || words !== asked) return;
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      target.replaceChildren(...page.body.childNodes);
    } catch {
      // Asked again, or offline: the form works all the same.
    }
  };
  text.addEventListener("input", (event) => {
    // The last Korean syllable is always being composed, so Hangul is looked up at once; half a word of other input
    // methods is not.
    if (event.isComposing && !hangul.test(event.data ?? "")) return;
    clearTimeout(timer);
    timer = setTimeout(ask, 250);
  });
  text.addEventListener("compositionend", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, 250);
  });
}
