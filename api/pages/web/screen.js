// Screening a list: keys that decide the row in focus, and a list that is too long is refused before it is sent.
const KEYS = { y: "yes", n: "no", s: "unsure" };

function decide(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches("input:not([type=radio]), select, textarea")) return;
  const said = KEYS[event.key];
  const choice = said && event.target.closest("[data-row]")?.querySelector(`input[type=radio][value=${said}]`);
  if (!choice) return;
  event.preventDefault();
  choice.checked = true;
  choice.focus();
}

// Rows of a text are counted as the service counts them: what stands within quotes ends none.
async function rows(file, most) {
  const reader = file.stream().getReader();
  const known = [0x50, 0xd0, 0x1f];
  let lines = 0, returns = 0, quoted = false, first = true;
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    if (first && known.includes(part.value[0])) return 0;
    first = false;
    for (const byte of part.value) {
      if (byte === 0x22) quoted = !quoted;
      else if (!quoted && byte === 0x0a) lines += 1;
      else if (!quoted && byte === 0x0d) returns += 1;
    }
    if (Math.max(lines, returns) > most) {
      await reader.cancel();
      break;
    }
  }
  return Math.max(lines, returns);
}

export function screen() {
  addEventListener("keydown", decide);
  addEventListener("DOMContentLoaded", () => {
    for (const hint of document.querySelectorAll("[data-keys]")) hint.hidden = false;
    const input = document.querySelector("input[type=file][data-rows]");
    input?.addEventListener("change", async () => {
      const most = Number(input.dataset.rows) + 1;
      const long = input.files[0] && (await rows(input.files[0], most)) > most;
      input.setCustomValidity(long ? input.dataset.tooMany : "");
      const told = input.parentElement.querySelector("[role=alert]");
      told.textContent = long ? input.dataset.tooMany : "";
      told.hidden = !long;
    });
  });
}
