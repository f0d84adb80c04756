// The theme a viewer chose: auto, dark or light, kept in this browser only. A plain script in the
// head, so that no page flashes in the wrong colours.
"use strict";

(() => {
  const KEY = "theme";
  const NEXT = { auto: "dark", dark: "light", light: "auto" };
  const stored = () => {
    try {
      return localStorage.getItem(KEY) ?? "auto";
    } catch {
      return "auto"; // storage may be forbidden
    }
  };
  const wear = (theme) => {
    if (theme === "auto") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
  };
  const say = (theme) => {
    for (const button of document.querySelectorAll("[data-theme-toggle]")) {
      button.querySelector("[data-theme-name]").textContent = theme;
      button.setAttribute("aria-label", `Theme: ${theme}. Switch to ${NEXT[theme]}.`);
    }
  };
  const choose = (theme) => {
    try {
      localStorage.setItem(KEY, theme);
    } catch {
      // worn for this page all the same
    }
    wear(theme);
    say(theme);
    window.dispatchEvent(new Event("themechange"));
  };
  let theme = stored() in NEXT ? stored() : "auto";
  wear(theme);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () =>
    window.dispatchEvent(new Event("themechange")),
  );
  document.addEventListener("DOMContentLoaded", () => {
    say(theme);
    for (const button of document.querySelectorAll("[data-theme-toggle]")) {
      button.addEventListener("click", () => {
        theme = NEXT[theme];
        choose(theme);
      });
    }
  });
})();
