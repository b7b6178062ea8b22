// Suggestions under a field (the combobox pattern of ARIA): arrow keys move, Enter chooses, Escape closes. Without scripts
// the field is a plain one. What is suggested is asked as a list in HTML; each option has the value that it stands for,
// or an address to which it leads.
const WAIT = 150;

function combobox(box) {
  const input = box.querySelector("input");
  const list = box.querySelector("[role='listbox']");
  const said = box.querySelector("[role='status']");
  const name = input.name;
  let waiting, asking, meant;

  const options = () => [...list.querySelectorAll("[role='option']")];
  const chosen = () => list.querySelector("[aria-selected='true']");

  function close() {
    clearTimeout(waiting);
    asking?.abort();
    list.hidden = true;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  }

  function select(option) {
    chosen()?.setAttribute("aria-selected", "false");
    option?.setAttribute("aria-selected", "true");
    option?.scrollIntoView({ block: "nearest" });
    if (option) input.setAttribute("aria-activedescendant", option.id);
    else input.removeAttribute("aria-activedescendant");
  }

  // What the field says is for people; what is sent is the value that was chosen, until something else is typed.
  function mean(value, label) {
    meant?.remove();
    meant = undefined;
    input.name = name;
    if (value === undefined) return;
    input.value = label;
    if (value === label) return;
    meant = Object.assign(document.createElement("input"), { type: "hidden", name, value });
    input.removeAttribute("name");
    input.after(meant);
  }

  function take(option) {
    close();
    if (option.dataset.href) location.assign(option.dataset.href);
    else {
      mean(option.dataset.value, option.dataset.label);
      input.dispatchEvent(new Event("change", { bubbles: true }));
    }
  }

  async function ask() {
    const typed = input.value.trim();
    asking?.abort();
    if (!typed) return close();
    asking = new AbortController();
    const address = new URL(box.dataset.suggest, location.href);
    address.searchParams.set("q", typed);
    try {
      const answer = await fetch(address, { headers: { accept: "text/html" }, signal: asking.signal });
      if (!answer.ok) return close();
      list.innerHTML = await answer.text();
    } catch {
      return; // something else was typed meanwhile, or the service is gone: the field is a plain one
    }
    options().forEach((option, place) => { option.id = `${list.id}-${place}`; });
    list.hidden = !options().length;
    input.setAttribute("aria-expanded", String(!list.hidden));
    input.removeAttribute("aria-activedescendant");
    const many = options().length;
    said.textContent = list.hidden ? said.dataset.none : many === 1 ? said.dataset.one : `${many} ${said.dataset.some}`;
  }

  const keys = {
    ArrowDown: (every, at) => every[(at + 1) % every.length],
    ArrowUp: (every, at) => every[(at <= 0 ? every.length : at) - 1],
  };
  input.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.key in keys) {
      event.preventDefault();
      if (list.hidden) return void ask();
      const every = options();
      select(keys[event.key](every, every.indexOf(chosen())));
    } else if (event.key === "Enter" && !list.hidden && chosen()) {
      event.preventDefault();
      take(chosen());
    } else if (event.key === "Escape" && !list.hidden) {
      event.preventDefault();
      close();
    }
  });
  input.addEventListener("input", () => {
    mean();
    clearTimeout(waiting);
    waiting = setTimeout(ask, WAIT);
  });
  input.addEventListener("blur", close);
  list.addEventListener("mousedown", (event) => event.preventDefault()); // the field keeps the focus
  list.addEventListener("click", (event) => {
    const option = event.target.closest("[role='option']");
    if (option) take(option);
  });

  for (const [attribute, value] of Object.entries({
    role: "combobox", "aria-expanded": "false", "aria-autocomplete": "list", "aria-controls": list.id, autocomplete: "off",
  })) input.setAttribute(attribute, value);
  if (input.dataset.label) mean(input.value, input.dataset.label);
}

export function suggest(root = document) {
  for (const box of root.querySelectorAll("[data-suggest]:not([data-ready])")) {
    box.dataset.ready = "";
    combobox(box);
  }
}
