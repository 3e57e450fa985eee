// Counts while somebody writes. Without this file the limit is told in words. A text that is too long
// stays as it is, here and on the server, which says by how much.
for (const hint of document.querySelectorAll("[data-count]")) {
  const field = document.getElementById(hint.dataset.count);
  const limit = Number(hint.dataset.limit);
  field.removeAttribute("maxlength");
  const show = () => {
    // As the server counts: characters, not code units, and without white space at the ends.
    const used = [...field.value.trim()].length;
    hint.textContent = hint.dataset.text.replace("{used}", used).replace("{limit}", limit);
    hint.classList.toggle("count-over", used > limit);
  };
  field.addEventListener("input", show);
  show();
}
