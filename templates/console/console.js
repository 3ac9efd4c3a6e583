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
      if (!Number.isNaN(at.getTime())) time.textContent = ("day" in time.dataset ? day : point).format(at);
    }
  }
  document.querySelector(".wrongs")?.focus();
}
