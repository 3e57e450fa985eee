// A button that copies a text. Without this file the text is selected and copied by hand.
for (const box of document.querySelectorAll("[data-copy]")) {
  const area = document.getElementById(box.dataset.copy);
  const told = box.querySelector("[role=status]");
  box.hidden = false;
  box.querySelector("button").addEventListener("click", async () => {
    area.select();
    let done;
    try {
      // Only there on a secure connection.
      await navigator.clipboard.writeText(area.value);
      done = true;
    } catch {
      done = document.execCommand("copy");
    }
    told.textContent = done ? told.dataset.done : told.dataset.failed;
  });
}
