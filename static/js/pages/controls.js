// Asks before a control that cannot be undone is sent.

import { all } from "../shared/dom.js";

for (const form of all("form[data-confirm]")) {
  form.addEventListener("submit", (event) => {
    if (!window.confirm(form.dataset.confirm)) event.preventDefault();
  });
}
