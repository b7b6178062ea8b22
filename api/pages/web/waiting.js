// What takes longer than half a second says so, and can be given up: the service ends work that nobody waits for.
const SOON = 500;

function shown(form) {
  const box = document.createElement("div");
  box.className = "waiting";
  box.setAttribute("role", "status");
  const words = document.createElement("p");
  words.textContent = form.dataset.waiting;
  const progress = document.createElement("progress");
  progress.setAttribute("aria-label", form.dataset.waiting);
  const cancel = document.createElement("button");
  cancel.className = "button";
  cancel.type = "button";
  cancel.textContent = form.dataset.cancel;
  cancel.addEventListener("click", () => {
    window.stop();
    box.remove();
  });
  box.append(words, progress, cancel);
  document.body.append(box);
  cancel.focus();
}

// What passes by itself is asked for again, and shown once it is there; until then it says how far it is.
export function again() {
  const box = document.querySelector("[data-again]");
  if (box) setTimeout(look, 1000 * Number(box.dataset.again), box);
}

async function look(box) {
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } }).catch(() => null);
  if (answer && answer.status !== 503) {
    location.reload();
    return;
  }
  const page = answer && new DOMParser().parseFromString(await answer.text(), "text/html");
  const told = page && page.querySelector("[data-again]");
  if (told) box.replaceChildren(...told.childNodes);
  again();
}

export function wait() {
  let timer = 0;
  addEventListener("submit", (event) => {
    const form = event.target.closest("form[data-waiting]");
    if (form) timer = setTimeout(shown, SOON, form);
  });
  // Whoever comes back to a page that the browser has kept finds it as it was before.
  addEventListener("pageshow", () => {
    clearTimeout(timer);
    document.querySelector(".waiting")?.remove();
  });
}
