// Buttons that copy an address; where no script runs they stay hidden.
export function copies() {
  addEventListener("DOMContentLoaded", () => {
    if (!navigator.clipboard) return;
    for (const button of document.querySelectorAll("[data-copy]")) {
      button.hidden = false;
      button.addEventListener("click", async () => {
        await navigator.clipboard.writeText(new URL(button.dataset.copy, location.href).href);
        button.textContent = button.dataset.copied ?? button.textContent;
      });
    }
  });
}
