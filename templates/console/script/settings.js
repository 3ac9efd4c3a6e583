// Settings: copying a secret, dropping a file, and the progress of imports. All of it works without this script.
"use strict";
for (const button of document.querySelectorAll("button[data-copy]")) {
  if (!navigator.clipboard) continue;
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).value);
    button.textContent = button.dataset.done;
  });
}
for (const form of document.querySelectorAll("form[data-drop]")) {
  const [field, target] = [form.elements.file, form.querySelector(".drop")];
  for (const kind of ["dragover", "dragenter"]) {
    target.addEventListener(kind, (event) => {
      event.preventDefault();
      target.classList.add("over");
    });
  }
  target.addEventListener("dragleave", () => target.classList.remove("over"));
  target.addEventListener("drop", (event) => {
    event.preventDefault();
    target.classList.remove("over");
    field.files = event.dataTransfer.files;
  });
}
{
  // The part with the progress is replaced until it is done; then the page is read again, with what came of it.
  const next = async () => {
    const shown = document.querySelector("[data-progress]");
    if (!shown || document.hidden) return shown && setTimeout(next, 2000);
    try {
      const answer = await fetch(location.href);
      if (!answer.ok) return;
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const fresh = page.getElementById("progress");
      if (!fresh?.dataset.progress) return location.reload();
      shown.replaceChildren(...fresh.childNodes);
    } catch {
      // Offline for a moment.
    }
    setTimeout(next, 1500);
  };
  setTimeout(next, 1000);
}
