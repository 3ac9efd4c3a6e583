// Selected words of a customer become a quote of the story with one click: a button appears beside the selection.
for (const section of document.querySelectorAll("[data-pick]")) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "picker main";
  button.textContent = section.dataset.pick;
  button.hidden = true;
  section.append(button);
  let form, words;
  const look = () => {
    const selection = document.getSelection();
    const of = (node) => (node?.nodeType === 1 ? node : node?.parentElement)?.closest("[data-said]");
    const text = selection?.isCollapsed ? null : of(selection?.anchorNode);
    words = selection?.toString().trim() ?? "";
    form = text && text === of(selection.focusNode) && words ? text.closest("li")?.querySelector("form[data-quote]") : null;
    button.hidden = !form;
    if (!form) return;
    const place = selection.getRangeAt(0).getBoundingClientRect();
    button.style.left = `${Math.max(8, Math.min(place.left, innerWidth - button.offsetWidth - 8))}px`;
    button.style.top = `${Math.max(8, Math.min(place.bottom + 6, innerHeight - button.offsetHeight - 8))}px`;
  };
  document.addEventListener("selectionchange", look);
  addEventListener("scroll", look, { passive: true });
  // The selection must survive the click.
  button.addEventListener("pointerdown", (event) => event.preventDefault());
  button.addEventListener("click", () => {
    form.elements.text.value = words;
    if (form.elements.criterion.value === "new") {
      form.closest("details").open = true;
      form.elements.new_criterion.focus();
      button.hidden = true;
    } else form.requestSubmit();
  });
}
// A part of a page that takes long to compute is loaded after the rest.
for (const link of document.querySelectorAll("a[data-load]")) {
  const id = link.dataset.load;
  fetch(link.href).then(async (answer) => {
    if (!answer.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const part = page.getElementById(id);
    if (part) document.getElementById(id)?.replaceWith(document.importNode(part, true));
  }, () => {});
}
// Filters with several values close when something else is clicked, or by Escape.
{
  const open = () => document.querySelectorAll("details.several[open]");
  document.addEventListener("click", (event) => {
    for (const one of open()) if (!one.contains(event.target)) one.open = false;
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || event.isComposing) return;
    for (const one of open()) {
      one.open = false;
      one.querySelector("summary").focus();
    }
  });
}
