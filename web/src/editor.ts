// Before one writes: what there is already is asked for while a title is typed. Without a script a button does it.

const WAIT = 350; // ms after the last key

const form = document.querySelector<HTMLFormElement>("form[data-preview]");
if (form) preview(form);

function preview(form: HTMLFormElement): void {
  const status = document.getElementById("varsel");
  const found = document.getElementById("funn");
  const title = form.querySelector<HTMLInputElement>("#tittel");
  if (!status || !found || !title) return;
  let timer: number | undefined;
  let running: AbortController | undefined;
  let asked = typed();

  form.addEventListener("input", () => {
    window.clearTimeout(timer);
    timer = window.setTimeout(() => void look(), WAIT);
  });

  function typed(): string {
    return new URLSearchParams([...new FormData(form)].map(([name, value]) => [name, String(value)])).toString();
  }

  async function look(): Promise<void> {
    const now = typed();
    if (now === asked) return;
    asked = now;
    running?.abort();
    running = new AbortController();
    form.setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(form.action, {
        method: "POST",
        body: new URLSearchParams(now),
        headers: { Accept: "text/html" },
        signal: running.signal,
      });
      if (!answer.ok) throw new Error(String(answer.status));
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      // the status is announced: it changes only when it has something else to say
      const said = page.getElementById("varsel");
      if (said && said.textContent?.trim() !== status!.textContent?.trim()) status!.replaceChildren(...said.childNodes);
      const list = page.getElementById("funn");
      if (list) found!.replaceChildren(...list.childNodes);
      const field = page.querySelector("#tittel");
      if (field?.hasAttribute("aria-invalid")) title!.setAttribute("aria-invalid", "true");
      else title!.removeAttribute("aria-invalid");
      form.removeAttribute("aria-busy");
    } catch (error) {
      if (error instanceof DOMException && error.name === "AbortError") return; // a newer question is on its way
      asked = "";
      const line = document.createElement("p");
      line.textContent = form.dataset.failed ?? "";
      status!.replaceChildren(line);
      form.removeAttribute("aria-busy");
    }
  }
}
