// The page that asks in SPARQL: an editor over its text area, which says what the graph has; the server draws the answer.
import Yasqe from "@zazuko/yasqe";
import "@zazuko/yasqe/build/yasqe.min.css";
import "./styles/sparql.css";

const MOST = 60;

// What completes the word before the cursor: our vocabulary, asked once for each release, and the variables of the query.
// Names with a prefix are offered while they are typed, all else on Ctrl+Space; what is a name already is left alone,
// so that Enter begins a line.
function completers(address) {
  const names = fetch(address, { headers: { accept: "application/json" } })
    .then((answer) => answer.json())
    .then(({ classes, properties, codes, prefixes }) => [
      ...[...classes, ...properties, ...codes].map((each) => each.name),
      ...Object.keys(prefixes).map((name) => `${name}:`),
    ]);
  const fitting = (known, said) => {
    const sought = said.toLowerCase();
    if (known.includes(said)) return [];
    const begin = known.filter((name) => name.toLowerCase().startsWith(sought));
    const inside = known.filter((name) => !begin.includes(name) && name.toLowerCase().includes(`:${sought}`));
    return [...begin, ...inside].slice(0, MOST);
  };
  const of = (name, pattern, autoShow, known) => ({
    name,
    bulk: false,
    autoShow,
    isValidCompletionPosition: (editor) => pattern.test(editor.getCompleteToken().string.trim()),
    get: async (editor, token) => fitting(await known(editor), token.string.trim()),
  });
  return [
    of("names", /^[A-Za-z][\w-]*:[\w-]*$/, true, () => names),
    of("words", /^[A-Za-z][\w-]*$/, false, () => names),
    of("unknowns", /^[?$]\w*$/, false, (editor) => [...new Set(editor.getValue().match(/[?$]\w+/g))]),
  ];
}

// The grammar, with the prefixes that the graph knows by itself.
function grammar(prefixes) {
  Yasqe.defineMode("known", (config) => {
    const mode = Yasqe.getMode(config, "sparql11");
    const known = () => Object.fromEntries(prefixes.map((name) => [name, name]));
    return { ...mode, startState: () => ({ ...mode.startState(), prefixes: known() }) };
  });
  return "known";
}

function edit(form) {
  const area = form.querySelector("textarea[name=query]");
  const place = document.createElement("div");
  place.className = "editor";
  area.after(place);
  area.hidden = true;
  area.required = false; // nobody could see what is asked for
  const known = completers(form.dataset.terms);
  for (const each of known) Yasqe.registerAutocompleter(each, false);
  const editor = new Yasqe(place, {
    value: area.value,
    mode: grammar(form.dataset.prefixes.split(" ")),
    autocompleters: known.map((each) => each.name),
    createShareableLink: null,
    consumeShareLink: null,
    persistenceId: null,
    showQueryButton: false,
    resizeable: false,
    editorHeight: "auto",
    inputStyle: "contenteditable", // where the caret is lies within what scrolls, for keys and readers
    screenReaderLabel: form.querySelector("label[for=query]").textContent,
    // Tab leads on to the next control, as everywhere.
    extraKeys: { Tab: false, "Shift-Tab": false, "Ctrl-S": false, "Shift-Ctrl-F": false },
  });
  const typed = place.querySelector("[contenteditable]");
  typed.setAttribute("role", "textbox");
  typed.setAttribute("aria-multiline", "true");
  for (const key of ["Ctrl-Enter", "Cmd-Enter"]) {
    editor.setOption("extraKeys", { ...editor.getOption("extraKeys"), [key]: () => form.requestSubmit() });
  }
  editor.on("change", () => {
    area.value = editor.getValue();
  });
  form.querySelector("label[for=query]").addEventListener("click", () => editor.focus());
}

function took(milliseconds) {
  for (const place of document.querySelectorAll("[data-took]")) {
    place.textContent = place.dataset.took.replace("0", (milliseconds / 1000).toFixed(2));
  }
}

addEventListener("DOMContentLoaded", () => {
  const form = document.querySelector("form#asking");
  edit(form);
  const [first] = performance.getEntriesByType("navigation");
  if (first) took(first.responseEnd - first.requestStart);
  let since = 0;
  // What is waited for is asked for again and again: its time began with the form, or with the page.
  document.body.addEventListener("htmx:beforeRequest", ({ detail }) => {
    if (detail.elt === form) since = performance.now();
  });
  // What went wrong is told where the answer would stand.
  document.body.addEventListener("htmx:beforeSwap", ({ detail }) => {
    const page = detail.xhr.getResponseHeader("content-type")?.startsWith("text/html");
    if (detail.xhr.status < 400 || !page) return;
    detail.shouldSwap = true;
    detail.isError = false;
  });
  document.body.addEventListener("htmx:afterSettle", () => {
    took(performance.now() - since);
  });
});
