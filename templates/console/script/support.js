// Support: customers are found while their name is typed, one key files feedback as the same as another, the bar for
// many rows opens with the first selected one, and words are copied.
for (const form of document.querySelectorAll("form[data-customers]")) {
  const target = document.getElementById(form.dataset.customers);
  const fields = ["customer_name", "customer_email", "account"].map((name) => form.elements[name]);
  let timer, running, asked = "";
  const ask = async (words) => {
    if (words === asked) return;
    asked = words;
    running?.abort();
    if (words.length < 2) return target.replaceChildren();
    running = new AbortController();
    try {
      const address = "/console/find/customers?" + new URLSearchParams({ q: words });
      const answer = await fetch(address, { signal: running.signal });
      if (!answer.ok || words !== asked) return;
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      target.replaceChildren(...page.body.childNodes);
    } catch {
      // Asked again, or offline: the form works all the same.
    }
  };
  const hangul = /^[ᄀ-ᇿ㄰-㆏ꥠ-꥿가-퟿\s]*$/;
  for (const field of fields) {
    const later = (event) => {
      if (event.isComposing && !hangul.test(event.data ?? "")) return;
      clearTimeout(timer);
      timer = setTimeout(() => ask(field.value.trim()), 250);
    };
    field.addEventListener("input", later);
    field.addEventListener("compositionend", later);
  }
}
// Alt and a digit: file it as the same as this near theme. The physical key decides, so that it works in every layout.
document.addEventListener("keydown", (event) => {
  const digit = /^Digit([1-9])$/.exec(event.code);
  if (!digit || !event.altKey || event.ctrlKey || event.metaKey || event.isComposing) return;
  const button = document.querySelectorAll("form button[name=same_as]")[digit[1] - 1];
  if (button) {
    event.preventDefault();
    if (button.form.elements.text.value.trim()) button.click();
  }
});
// A row's further acts come from the template of the page. Without scripts, the button loads the page with them.
const furtherActs = document.getElementById("row-acts");
for (const button of furtherActs ? document.querySelectorAll("button[name=more]") : []) {
  button.addEventListener("click", (event) => {
    event.preventDefault();
    const row = button.closest(".does");
    const open = row.querySelector(".further");
    button.setAttribute("aria-expanded", String(!open));
    if (open) return open.remove();
    row.append(document.importNode(furtherActs.content, true));
    for (const form of row.querySelectorAll(".further form")) form.action = form.action.replace("~", button.value);
    row.querySelector(".further input:not([type=hidden])").focus();
  });
}
const many = document.getElementById("many");
if (many) {
  const picks = [...document.querySelectorAll(".pick input")];
  const said = many.querySelector("[data-selected]");
  const count = () => {
    const chosen = picks.filter((pick) => pick.checked).length;
    said.textContent = said.dataset.selected + (chosen ? ` (${chosen})` : "");
    if (chosen) many.open = true;
  };
  let last;
  for (const pick of picks) {
    pick.addEventListener("click", (event) => {
      if (event.shiftKey && last) {
        const [from, to] = [picks.indexOf(last), picks.indexOf(pick)].sort((a, b) => a - b);
        for (const other of picks.slice(from, to + 1)) other.checked = pick.checked;
      }
      last = pick;
      count();
    });
  }
  const all = document.getElementById("pick-all");
  all.closest("label").hidden = false;
  all.addEventListener("change", () => {
    for (const pick of picks) pick.checked = all.checked;
    count();
  });
  count();
}
for (const button of document.querySelectorAll("button[data-copy]")) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    const field = document.getElementById(button.dataset.copy);
    const said = button.parentElement.querySelector("[data-copied]");
    field.select();
    try {
      await navigator.clipboard.writeText(field.value);
    } catch {
      document.execCommand("copy");
    }
    said.textContent = said.dataset.copied;
  });
}
