// What pages do where scripts run; all of them work without. htmx replaces parts of a page that could be loaded whole.
import htmx from "htmx.org";
import { copies } from "./copying.js";
import { screen } from "./screen.js";
import { suggest } from "./suggest.js";
import { follow } from "./theme.js";
import { again, wait } from "./waiting.js";

htmx.config.includeIndicatorStyles = false;
htmx.config.allowEval = false;
htmx.config.selfRequestsOnly = true;
window.htmx = htmx;
follow();
wait();
screen();
addEventListener("htmx:configRequest", (event) => {
  event.detail.headers.Accept = "text/html";
});
function ready(part) {
  suggest(part);
  copies(part);
}

addEventListener("DOMContentLoaded", () => {
  ready(document);
  again();
});
addEventListener("htmx:load", (event) => ready(event.detail.elt));
