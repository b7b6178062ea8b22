// Shows the description of the service that serves this page; nothing is asked of anybody else.
const root = document.documentElement;
const system = window.matchMedia("(prefers-color-scheme: dark)");

// Light or dark as the page is.
function follow() {
  const chosen = root.dataset.theme;
  root.classList.toggle("dark-mode", chosen ? chosen === "dark" : system.matches);
}

follow();
system.addEventListener("change", follow);
new MutationObserver(follow).observe(root, { attributeFilter: ["data-theme"] });
window.addEventListener("load", () => {
  window.ui = SwaggerUIBundle({
    url: document.getElementById("swagger-ui").dataset.from,
    dom_id: "#swagger-ui",
    deepLinking: true,
    docExpansion: "none",
    displayOperationId: true,
    defaultModelsExpandDepth: 0,
    validatorUrl: null,
    plugins: [() => ({ wrapComponents: { InfoContainer: () => () => null } })], // the page says it
  });
});
