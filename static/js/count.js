// Counts while somebody writes. Without this file the limit is told in words; with it a pasted text
// that is too long is no longer cut off without a word: it stays, and the server says what is wrong.
for (const hint of document.querySelectorAll("[data-count]")) {
  const area = document.getElementById(hint.dataset.count);
  const limit = area.maxLength;
  area.removeAttribute("maxlength");
  const show = () => {
    // As the server counts: characters, not code units.
    const used = [...area.value].length;
    hint.textContent = hint.dataset.text.replace("{used}", used).replace("{limit}", limit);
    hint.classList.toggle("count-over", used > limit);
  };
  area.addEventListener("input", show);
  show();
}
