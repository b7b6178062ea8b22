// Shows the description of the service that serves this page; nothing is asked of anybody else.
window.addEventListener("load", () => {
  window.ui = SwaggerUIBundle({
    url: document.getElementById("swagger-ui").dataset.from,
    dom_id: "#swagger-ui",
    deepLinking: true,
    docExpansion: "none",
    displayOperationId: true,
    defaultModelsExpandDepth: 0,
    validatorUrl: null,
  });
});
