// Light or dark as the system says, or as the reader chose: the choice is a cookie of this site and of nobody else.
const NAME = "theme";
const root = document.documentElement;

function chosen() {
  return document.cookie.match(/(?:^|; )theme=(light|dark)/)?.[1] ?? "";
}

function show(theme) {
  if (theme) root.dataset.theme = theme;
  else delete root.dataset.theme;
}

export function follow() {
  show(chosen());
  addEventListener("DOMContentLoaded", () => {
    for (const choice of document.querySelectorAll("[data-themes]")) {
      choice.closest("[data-themed]").hidden = false;
      choice.value = chosen();
      choice.addEventListener("change", () => {
        const age = choice.value ? 31536000 : 0;
        document.cookie = `${NAME}=${choice.value}; path=/; max-age=${age}; samesite=strict`;
        show(choice.value);
      });
    }
  });
}
